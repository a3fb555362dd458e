"""From a judged picture to what to do about it, in both languages, with the figures; ranked by what the total would win."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from evaluator.score import severity
from evaluator.standard import Profile, Standard
from evaluator.types import Advice, Box, Criterion

GOOD_ENOUGH = 4.2
"""A criterion at this score or over needs no advice."""
MOST = 6
"""Most pieces of advice for one picture."""

Size = tuple[int, int]
"""Width and height of the original in pixels."""
Told = tuple[str, str, str, dict[str, float]]
"""English, Chinese, name of the fix, its numbers."""
Adviser = Callable[[Criterion, Profile, Size], Told]


def advise(
    criteria: Mapping[str, Criterion], standard: Standard, profile: Profile, size: Size
) -> tuple[Advice, ...]:
    """Return the advice for every weak criterion, the greatest gain first."""
    told = []
    for id, c in criteria.items():
        if c.score is None or c.score >= GOOD_ENOUGH or id not in ADVISERS:
            continue
        en, zh, action, values = ADVISERS[id](c, profile, size)
        told.append(Advice(id, en, zh, _gain(id, criteria, standard), action, values))
    return tuple(sorted(told, key=lambda advice: -advice.gain)[:MOST])


def _gain(id: str, criteria: Mapping[str, Criterion], standard: Standard) -> float:
    """Return what the total would win if this criterion alone came to 5."""
    rule, now = standard.total, criteria[id]
    assert now.score is not None
    then = {**criteria, id: replace(now, score=5.0)}
    lift = severity(then, rule.order) - severity(criteria, rule.order)
    return (1 - rule.severity) * now.weight * (5 - now.score) + rule.severity * lift


def _worst(c: Criterion) -> str:
    return min(c.subscores, key=lambda name: c.subscores[name])


def light_of(lightness: float) -> float:
    """Return the relative luminance (0–1) of an L* value: CIE 15."""
    return float(((lightness + 16) / 116) ** 3) if lightness > 8 else lightness / 903.3


def stops(now: float, wanted: float) -> float:
    """Return the exposure change in stops that takes one L* to another."""
    return float(np.log2(max(light_of(wanted), 1e-4) / max(light_of(now), 1e-4)))


def _exposure(c: Criterion, profile: Profile, size: Size) -> Told:
    m, worst = c.measures, _worst(c)
    if worst in ("lightest", "range") and m["clipped_lights"] < 5:
        change = float(np.clip(stops(m["lightest"], 96), 0.2, 3))
        return (
            f"Raise exposure about {change:.1f} stop: the lightest tone only reaches L* {m['lightest']:.0f} (about 96 is wanted).",
            f"提高曝光约 {change:.1f} 档：最亮处只有 L* {m['lightest']:.0f}（宜约 96）。",
            "exposure",
            {"stops": change},
        )
    if worst == "clipped_shadows":
        return (
            f"Lift the shadows: {m['clipped_shadows']:.0f} % of the subject is pure black; add a reflector or fill light opposite the main light.",
            f"提亮暗部：主体有 {m['clipped_shadows']:.0f}% 为纯黑；请在主光对侧加反光板或补光。",
            "shadows",
            {"clipped": m["clipped_shadows"]},
        )
    change = float(
        np.clip(stops(m["middle"], min(m["middle"], 62) - 4) - 0.015 * m["clipped_lights"], -2, -0.2)
    )
    return (
        f"Lower exposure about {-change:.1f} stop: {m['clipped_lights']:.1f} % of the subject's lights are blown out and its darkest tone is L* {m['darkest']:.0f}.",
        f"降低曝光约 {-change:.1f} 档：主体亮部有 {m['clipped_lights']:.1f}% 溢出，最暗处为 L* {m['darkest']:.0f}。",
        "exposure",
        {"stops": change},
    )


def _sharpness(c: Criterion, profile: Profile, size: Size) -> Told:
    m = c.measures
    wanted = max(profile.minimum_side, 1000)
    if max(size) < profile.minimum_side:
        return (
            f"Use a larger original: the longer side is {max(size)} px, {profile.minimum_side} px is asked.",
            f"请使用更大的原图：长边仅 {max(size)} 像素，要求 {profile.minimum_side} 像素。",
            "resolution",
            {"side": float(max(size)), "wanted": float(profile.minimum_side)},
        )
    if m["edge_width"] > 1.6:
        return (
            f"Refocus or steady the camera: edges are {m['edge_width']:.1f} px wide (under 1.0 is crisp), so the picture holds only about {m['effective_side']:.0f} px of real detail. If it was enlarged, go back to the original.",
            f"请重新对焦或稳定相机：边缘宽 {m['edge_width']:.1f} 像素（小于 1.0 才清晰），真实细节仅约 {m['effective_side']:.0f} 像素。若图片被放大过，请使用原图。",
            "sharpen",
            {"edge_width": m["edge_width"]},
        )
    return (
        f"Export larger: about {m['effective_side']:.0f} px of real detail, {wanted} px lets a shopper zoom in.",
        f"请导出更大的图：真实细节约 {m['effective_side']:.0f} 像素，{wanted} 像素才便于放大查看。",
        "resolution",
        {"side": m["effective_side"], "wanted": float(wanted)},
    )


def _artefacts(c: Criterion, profile: Profile, size: Size) -> Told:
    m, worst = c.measures, _worst(c)
    if worst == "noise":
        return (
            f"Denoise with a strength of about {m['noise']:.0f} levels, or shoot at a lower ISO with more light.",
            f"请以约 {m['noise']:.0f} 级强度降噪，或增加光线、降低 ISO 重拍。",
            "denoise",
            {"sigma": m["noise"]},
        )
    if worst == "banding":
        return (
            f"Export from the original in 8 bits with dithering or in 16 bits: {m['banding']:.1%} of the smooth areas show bands.",
            f"请从原图以 16 位或带抖动的 8 位重新导出：平滑区域有 {m['banding']:.1%} 出现色带。",
            "deband",
            {"banding": m["banding"]},
        )
    return (
        f"Save again from the original at JPEG quality 90 or over, or as WebP: the block grid stands out by {m['blockiness']:.0%}.",
        f"请从原图以 JPEG 质量 90 以上或 WebP 重新保存：块状边界突出 {m['blockiness']:.0%}。",
        "deblock",
        {"blockiness": m["blockiness"]},
    )


_HUES = (("reddish", "偏红"), ("yellowish", "偏黄"), ("greenish", "偏绿"), ("bluish", "偏蓝"))


def _colour(c: Criterion, profile: Profile, size: Size) -> Told:
    m, worst = c.measures, _worst(c)
    if worst in ("cast", "illuminant"):
        angle = float(np.degrees(np.arctan2(m["cast_b"], m["cast_a"])))
        en, zh = _HUES[round((angle % 360) / 90) % 4]
        return (
            f"Set the white balance on a grey: neutrals are {en} by {m['cast']:.0f} C* (shift a* by {-m['cast_a']:+.0f}, b* by {-m['cast_b']:+.0f}).",
            f"请按灰卡校正白平衡：中性灰{zh} {m['cast']:.0f} C*（a* 调整 {-m['cast_a']:+.0f}，b* 调整 {-m['cast_b']:+.0f}）。",
            "white_balance",
            {"a": -m["cast_a"], "b": -m["cast_b"]},
        )
    return (
        f"Calm the palette: {m['hues']:.0f} hues compete; keep the product's own colour and one neutral or neighbouring hue in props and backdrop.",
        f"请收敛配色：有 {m['hues']:.0f} 种色相相互竞争；道具与背景只保留商品本色和一种中性色或邻近色。",
        "palette",
        {"hues": m["hues"]},
    )


def crop_box(subject: Box, wanted: float) -> Box:
    """Return the crop, in shares of the frame and in its proportions, in which the subject's longer extent is `wanted`.

    The crop holds the subject's box in its middle and stays inside the frame.
    """
    share = float(np.clip(max(subject.width, subject.height) / wanted, 0.05, 1.0))
    x = float(np.clip(subject.x + subject.width / 2 - share / 2, 0, 1 - share))
    y = float(np.clip(subject.y + subject.height / 2 - share / 2, 0, 1 - share))
    return Box(x, y, share, share, "crop")


def _fill(c: Criterion, profile: Profile, size: Size) -> Told:
    m, (low, high) = c.measures, profile.fill
    if m["extent"] < low:
        wanted = (low + high) / 2
        box = crop_box(c.boxes[0], wanted)
        x, y, w, h = (
            round(v) for v in (box.x * size[0], box.y * size[1], box.width * size[0], box.height * size[1])
        )
        return (
            f"Crop so that the subject fills {wanted:.0%} instead of {m['extent']:.0%}: box x {x}, y {y}, {w} × {h} px.",
            f"请裁剪，使主体占比由 {m['extent']:.0%} 提高到 {wanted:.0%}：裁剪框 x {x}，y {y}，{w} × {h} 像素。",
            "crop",
            {"x": box.x, "y": box.y, "width": box.width, "height": box.height},
        )
    room = m["extent"] / high - 1
    return (
        f"Leave more room: widen the canvas by {room:.0%}, so that the subject takes at most {high:.0%} (now {m['extent']:.0%}).",
        f"请留出空间：画布扩大 {room:.0%}，使主体最多占 {high:.0%}（现为 {m['extent']:.0%}）。",
        "extend",
        {"share": room},
    )


_SIDES = {
    "top": ("top", "上方"),
    "bottom": ("bottom", "下方"),
    "left": ("left", "左侧"),
    "right": ("right", "右侧"),
}


def _completeness(c: Criterion, profile: Profile, size: Size) -> Told:
    sides = [names for side, names in _SIDES.items() if c.measures[f"cut_{side}"] > 0.02]
    en, zh = " and ".join(s[0] for s in sides) or "edge", "、".join(s[1] for s in sides) or "边缘"
    return (
        f"Retake or widen the picture at the {en}: the frame cuts the subject there. Leave about 5 % of room.",
        f"请在{zh}重拍或扩展画面：主体在该处被截断。请留出约 5% 的空间。",
        "extend",
        {side: c.measures[f"cut_{side}"] for side in _SIDES},
    )


def _balance(c: Criterion, profile: Profile, size: Size) -> Told:
    m, worst = c.measures, _worst(c)
    if worst == "tilt":
        turn, turn_zh = ("anticlockwise", "逆时针") if m["angle"] > 0 else ("clockwise", "顺时针")
        return (
            f"Turn the picture {abs(m['angle']):.1f}° {turn}: its lines are off the level.",
            f"请将画面{turn_zh}旋转 {abs(m['angle']):.1f}°：画面线条不水平。",
            "straighten",
            {"degrees": m["angle"]},
        )
    across, down = 0.5 - m.get("centre_x", 0.5), 0.5 - m.get("centre_y", 0.5)
    if abs(across) >= abs(down):
        en, zh, much = ("right" if across > 0 else "left"), ("右" if across > 0 else "左"), abs(across)
    else:
        en, zh, much = ("down" if down > 0 else "up"), ("下" if down > 0 else "上"), abs(down)
    return (
        f"Move the subject {much:.0%} of the frame to the {en}, onto the middle." if en in ("left", "right")
        else f"Move the subject {much:.0%} of the frame {en}, onto the middle.",
        f"请将主体向{zh}移动画面的 {much:.0%}，使其居中。",
        "recentre",
        {"x": across, "y": down},
    )  # fmt: skip


def _overlay(c: Criterion, profile: Profile, size: Size) -> Told:
    m, worst = c.measures, _worst(c)
    if worst == "border":
        return (
            f"Crop the frame away: flat borders take {m['border']:.0f} % of the picture.",
            f"请裁去边框：纯色边框占画面 {m['border']:.0f}%。",
            "crop",
            {"border": m["border"]},
        )
    if worst == "separators":
        return (
            f"Use one picture: {m['separators']:.0f} lines divide this one into a collage.",
            f"请使用单张图片：画面被 {m['separators']:.0f} 条线分成拼图。",
            "",
            {"separators": m["separators"]},
        )
    box = max(c.boxes, key=lambda b: b.width * b.height)
    x, y, w, h = (
        round(v) for v in (box.x * size[0], box.y * size[1], box.width * size[0], box.height * size[1])
    )
    return (
        f"Remove the text laid over the picture ({len(c.boxes)} line(s), {m['text_area']:.1f} % of it), the largest at x {x}, y {y}, {w} × {h} px; say it in the listing instead.",
        f"请去掉叠加文字（{len(c.boxes)} 行，占画面 {m['text_area']:.1f}%），最大一处在 x {x}，y {y}，{w} × {h} 像素；改写在商品描述中。",
        "inpaint",
        {"x": box.x, "y": box.y, "width": box.width, "height": box.height},
    )


def _background(c: Criterion, profile: Profile, size: Size) -> Told:
    m = c.measures
    if _worst(c) == "not_white":
        return (
            f"Replace the background with pure white (255, 255, 255): {m['not_white']:.0%} of it is not, and {profile.name.en} asks for it.",
            f"请将背景替换为纯白（255, 255, 255）：目前有 {m['not_white']:.0%} 不是纯白，而{profile.name.zh}要求纯白。",
            "white_background",
            {"share": m["not_white"]},
        )
    return (
        f"Clear the background: edges cover {m['clutter']:.0%} of the frame around the subject; use a plain sheet, or blur or replace it.",
        f"请简化背景：主体周围有 {m['clutter']:.0%} 的画面是杂乱边缘；请使用纯色背景，或虚化、替换背景。",
        "calm_background",
        {"clutter": m["clutter"]},
    )


def _prominence(c: Criterion, profile: Profile, size: Size) -> Told:
    m = c.measures
    if _worst(c) == "subject_contrast":
        return (
            f"Separate the product from its background: they differ by ΔE {m['subject_contrast']:.0f} only (28 or more stands out); take a lighter, darker or less coloured backdrop.",
            f"请拉开商品与背景：两者色差仅 ΔE {m['subject_contrast']:.0f}（28 以上才醒目）；请换更亮、更暗或更素的背景。",
            "contrast",
            {"delta_e": m["subject_contrast"]},
        )
    return (
        f"Lead the eye to the product: the surroundings draw {2 ** -m['saliency_gain']:.1f} times as much attention for their area; remove bright or busy things beside it.",
        f"请引导视线到商品：按面积计，周围吸引的注意力是商品的 {2 ** -m['saliency_gain']:.1f} 倍；请移走旁边明亮或杂乱的物体。",
        "calm_background",
        {"gain": m["saliency_gain"]},
    )


def _fusion(c: Criterion, profile: Profile, size: Size) -> Told:
    m = c.measures
    if _worst(c) == "fringe":
        return (
            f"Clean the cut-out's edge: a fringe of ΔE {m['fringe']:.0f} runs along it; shrink the matte by 1–2 px and take the scene's colour at the rim.",
            f"请清理抠图边缘：边缘有 ΔE {m['fringe']:.0f} 的杂色；请将蒙版收缩 1–2 像素并融入场景颜色。",
            "defringe",
            {"fringe": m["fringe"]},
        )
    return (
        f"Match the grain: subject and scene differ by {m['grain_gap']:.1f} stops of grain; add noise to the cleaner one.",
        f"请统一颗粒：主体与场景颗粒相差 {m['grain_gap']:.1f} 档；请给较干净的一方加噪点。",
        "grain",
        {"gap": m["grain_gap"]},
    )


def _grounding(c: Criterion, profile: Profile, size: Size) -> Told:
    shade = c.measures["contact_shadow"]
    return (
        f"Ground the subject: the floor just under it is {shade:.0f} L* darker than further off; add a soft contact shadow of about 12.",
        f"请让主体落地：紧贴其下的地面只比远处暗 {shade:.0f} L*；请加约 12 的柔和接触阴影。",
        "shadow",
        {"lightness": 12 - shade},
    )


def _coherence(c: Criterion, profile: Profile, size: Size) -> Told:
    m = c.measures
    if _worst(c) == "warmth_gap":
        return (
            f"Match the white balance of subject and scene: their greys differ by {m['warmth_gap']:.0f} b*.",
            f"请统一主体与场景的白平衡：两者灰调相差 {m['warmth_gap']:.0f} b*。",
            "match_light",
            {"warmth": m["warmth_gap"]},
        )
    return (
        f"Light the subject from the scene's side: their brightness falls off in opposite directions ({m['opposed_light']:.0%} opposed); mirror the subject or move the light.",
        f"请让主体与场景受光方向一致：两者亮度衰减方向相反（{m['opposed_light']:.0%}）；请镜像主体或移动光源。",
        "match_light",
        {"opposed": m["opposed_light"]},
    )


ADVISERS: dict[str, Adviser] = {
    "completeness": _completeness,
    "subject_fusion": _fusion,
    "grounding": _grounding,
    "background_order": _background,
    "prominence": _prominence,
    "frame_fill": _fill,
    "balance": _balance,
    "overlay_freedom": _overlay,
    "exposure": _exposure,
    "light_coherence": _coherence,
    "colour_harmony": _colour,
    "sharpness": _sharpness,
    "artefact_cleanliness": _artefacts,
}
"""Who advises on which criterion."""
