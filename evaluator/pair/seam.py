"""How a product sits in its new place, read from the pixels: its light, its edge, its grain, what it stands on.

Everything is read in the tile, in which the product has one size, with the original laid under the generated picture.
"""

from __future__ import annotations

import cv2
import numpy as np

from evaluator.measure.environment import fringe, grain_gap
from evaluator.pair.ground import ground
from evaluator.pair.laid import Laid, lab_of, lay, surroundings
from evaluator.pair.shade import shade
from evaluator.pair.tile import turned
from evaluator.pair.types import Registration, Tile
from evaluator.types import Rgb

BAND = ((-4.5, -2.5), (-2.5, -1.0), (-1.0, 1.0), (1.0, 2.5), (2.5, 4.5))
"""Distances from the outline in pixels of the tile, inside positive, at which the edge is read."""
SECTORS = 16
"""Parts of the outline by direction; a fault may lie on one side alone."""
CLEAR = 12.0
"""ΔE between product and surroundings from which on the edge between them can be read well."""


def seam(product: Tile, found: Registration, generated: Rgb) -> dict[str, float]:
    """Return every number of how a product (its tile of the original) sits in a generated picture (H×W×3), by name.

    ΔE and L* are divided by 10, ratios are natural logarithms, lengths are shares of the picture or the tile's pixels.
    """
    tile = turned(product) if found.mirrored else product
    laid = lay(tile, found, generated)
    about = surroundings(laid)
    return {
        **_geometry(tile, found, generated),
        **_light(laid),
        **_picture(generated),
        **_residual(laid),
        **_grain(laid),
        **_edge(laid),
        **_halo(laid),
        **ground(laid, about),
        **shade(laid, about),
    }


def _geometry(tile: Tile, found: Registration, generated: Rgb) -> dict[str, float]:
    """Size and place in the picture, turn, and how well product and picture were laid over each other."""
    high, wide = generated.shape[:2]
    rows, columns = np.nonzero(tile.mask > 0.5)
    points = found.matrix @ np.stack([columns, rows, np.ones_like(rows)]).astype(float)
    left, right, top, bottom = points[0].min(), points[0].max(), points[1].min(), points[1].max()
    scale = float(np.sqrt(abs(np.linalg.det(found.matrix[:, :2]))))
    bends = np.linalg.svd(np.linalg.inv(found.matrix[:, :2]) @ found.bent[:, :2], compute_uv=False)
    return {
        "height": (bottom - top) / high,
        "width": (right - left) / wide,
        "area": float(np.sqrt(len(rows) * scale**2 / (high * wide))),
        "foot": bottom / high,
        "across": abs((left + right) / (2 * wide) - 0.5),
        "turn": abs(float(np.arctan2(found.matrix[1, 0], found.matrix[0, 0] * (-1 if found.mirrored else 1)))),
        "bend": 5 * float(np.log(bends[0] / max(bends[1], 1e-6))),
        "agreement": found.agreement,
        "coarse": float(np.log(max(scale, 1e-3))),
    }


def _light(laid: Laid) -> dict[str, float]:
    """How the product's light and colour changed, beside what its surroundings would ask for."""
    core, around = laid.core.view(np.uint8), laid.around.view(np.uint8)
    moments = [cv2.meanStdDev(plane, mask=core) for plane in (laid.before, laid.after)]
    own, now = (mean.ravel() / 10 for mean, _ in moments)
    place = np.array(cv2.mean(laid.after, around)[:3]) / 10 if around.any() else now
    change = now - own
    spread = [np.log(deviation.ravel() + 0.5) for _, deviation in moments]
    chromas = [cv2.magnitude(*cv2.split(plane)[1:]) for plane in (laid.before, laid.after)]
    chroma = [np.log(cv2.mean(plane, core)[0] + 2) for plane in chromas]
    tint = np.linalg.norm(place[1:])
    along = float(change[1:] @ place[1:] / max(tint, 0.1))
    return {
        "lighter": change[0],
        "greener": change[1],
        "yellower": change[2],
        "own_light": own[0],
        "place_light": place[0],
        "place_green": place[1],
        "place_yellow": place[2],
        "light_off": abs(change[0] - 0.3 * (place[0] - own[0])),
        "light_gap": now[0] - place[0],
        "tint_along": along,
        "tint_off": float(np.linalg.norm(change[1:] - 0.12 * place[1:])),
        "contrast": spread[1][0] - spread[0][0],
        "colourful": chroma[1] - chroma[0],
    }


def _picture(generated: Rgb) -> dict[str, float]:
    """The light of the whole picture: its mean, and from which side it comes."""
    small = lab_of(cv2.resize(generated, (32, 32), interpolation=cv2.INTER_AREA)) / 10
    halves = [float(half[..., 0].mean()) for half in np.array_split(small, 2, axis=1)]
    mean = small.reshape(-1, 3).mean(0)
    return {
        "all_light": float(mean[0]),
        "all_green": float(mean[1]),
        "all_yellow": float(mean[2]),
        "all_side": abs(halves[1] - halves[0]),
        "all_swing": float(small[..., 0].std()),
    }


def _residual(laid: Laid) -> dict[str, float]:
    """What is left once the product's lightness is explained by one gain, a veil and a slope; light from which side."""
    side = laid.mask.shape[0]
    down, across = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    before, after = laid.before[..., 0] / 10, laid.after[..., 0] / 10
    core = laid.core
    terms = np.stack([before, np.ones_like(before), across, down], axis=-1)
    solved, *_ = np.linalg.lstsq(terms[core], after[core], rcond=None)
    left = np.abs(after - terms @ solved)
    body = laid.depth > 0
    rows = np.flatnonzero(body.any(1))
    low = body & (np.arange(side)[:, None] > rows[-1] - 0.18 * np.ptp(rows))
    rim = body & (laid.depth < 5)
    colour = cv2.magnitude(*cv2.split(laid.after - laid.before)[1:]) / 10
    middle = float(np.median(colour[core]))
    return {
        "gain": float(solved[0]),
        "veil": float(solved[1]) / 10,
        "slope": abs(float(solved[2])),
        "slope_down": float(solved[3]),
        "left": float(left[core].mean()),
        "left_high": float(np.quantile(cv2.blur(left, (5, 5))[core], 0.95)),
        "left_rim": float(left[rim].mean()),
        "left_low": float(left[low].mean()) if low.any() else 0.0,
        "tints": float(np.abs(colour[core] - middle).mean()),
        "tint_low": float(np.abs(colour[low] - middle).mean()) if low.any() else 0.0,
    }


def _grain(laid: Laid) -> dict[str, float]:
    """Sharpness and grain of the product against the original's and against its surroundings."""
    luma = [plane[..., 0] for plane in (laid.before, laid.after)]
    core, around = laid.core, laid.around
    found = {"grain_gap": grain_gap(np.asarray(luma[1] * 2.55, np.float32), laid.mask)}
    for name, sigma in (("fine", 0.8), ("broad", 2.0)):
        own, now = (np.abs(plane - cv2.GaussianBlur(plane, (0, 0), sigma)) for plane in luma)
        level = {key: np.log(float(plane[at].mean()) + 0.1) if at.any() else 0.0 for key, plane, at in
                 (("own", own, core), ("now", now, core), ("place", now, around))}  # fmt: skip
        calm = {key: np.log(float(np.quantile(cv2.blur(now, (7, 7))[at], 0.2)) + 0.1) if at.any() else 0.0
                for key, at in (("in", core), ("out", around))}  # fmt: skip
        found[f"{name}_kept"] = level["now"] - level["own"]
        found[f"{name}_beside"] = level["now"] - level["place"]
        found[f"{name}_calm"] = calm["in"]
        found[f"{name}_calm_beside"] = calm["in"] - calm["out"]
    return found


def _edge(laid: Laid) -> dict[str, float]:
    """How the colours go over from inside to outside: how soft, how even, how far off the line between the two."""
    inner, outer = ((laid.depth > 4) & (laid.depth < 10)), ((laid.depth < -5) & (laid.depth > -12))
    edge = np.abs(laid.depth) <= BAND[-1][1]
    depth, colours, shares = laid.depth[edge], [], []
    for part in (inner, outer):
        share = cv2.GaussianBlur(part.astype(np.float32), (0, 0), 6)[edge]
        colour = cv2.GaussianBlur(cv2.copyTo(laid.after, part.view(np.uint8)), (0, 0), 6)[edge]
        colours.append(colour / np.maximum(share, 1e-3)[:, None])
        shares.append(share)
    line = colours[0] - colours[1]
    length = np.linalg.norm(line, axis=1)
    point = laid.after[edge] - colours[1]
    along = np.clip((point * line).sum(1) / np.maximum(length, 3) ** 2, -1, 2)
    off = np.linalg.norm(point - along[:, None] * line, axis=1) / 10
    known = (shares[0] > 0.02) & (shares[1] > 0.02) & (length > CLEAR / 2)
    trust = np.clip(length / CLEAR, 0, 1) * known
    found = {
        "edge_contrast": float(length[np.abs(depth) < 2].mean()) / 10,
        "fringe": fringe(laid.after, laid.mask),
    }
    for number, (low, high) in enumerate(BAND):
        at = (depth > low) & (depth <= high) & known
        if at.sum() < 20:
            found |= {f"cover_{number}": number / 4, f"uneven_{number}": 0.1, f"off_{number}": 0.1}
            continue
        weight = trust[at] / max(float(trust[at].sum()), 1e-6)
        mean = float(weight @ along[at])
        found[f"cover_{number}"] = mean
        found[f"uneven_{number}"] = float(np.sqrt(weight @ (along[at] - mean) ** 2))
        found[f"off_{number}"] = float(np.quantile(off[at], 0.75))
    return found


def _halo(laid: Laid) -> dict[str, float]:
    """What lies close about the product against what lies further off: a fringe, a glow, something left over."""
    rows, columns = np.nonzero(laid.depth > 0)
    side = laid.mask.shape[0]
    down, across = np.mgrid[:side, :side]
    # Below, a shadow is as it should be.
    about = (down < rows.min() + 0.75 * np.ptp(rows)) & (laid.depth > -22) & (laid.depth <= -1)
    angle = np.arctan2(down[about] - rows.mean(), across[about] - columns.mean())
    sector = ((angle + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    depth, colours = laid.depth[about], laid.after[about]
    found: dict[str, float] = {}
    for name, near, far in (("rim", (-3.5, -1.0), (-11, -6)), ("glow", (-8, -3), (-22, -14))):
        apart, lighter = [], []
        for number in range(SECTORS):
            own = sector == number
            close = colours[own & (depth > near[0]) & (depth <= near[1])]
            away = colours[own & (depth > far[0]) & (depth <= far[1])]
            if min(len(close), len(away)) >= 6:
                step = (np.median(close, axis=0) - np.median(away, axis=0)) / 10
                apart.append(float(np.linalg.norm(step)))
                lighter.append(float(step[0]))
        apart, lighter = apart or [0.0], lighter or [0.0]
        found |= {
            f"{name}_mean": float(np.mean(apart)),
            f"{name}_most": float(np.quantile(apart, 0.9)),
            f"{name}_lighter": float(np.mean(lighter)),
            f"{name}_swing": float(np.std(lighter)),
        }
    return found
