"""A style's card: what a recipe says plus what its pictures show, as JSON for the catalogue. No Blender."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .plate import side
from .recipe import Camera, Hero, Recipe

VERSION = "Blender 4.5.4 Cycles"
KEYS = {"softbox": "softbox", "sun": "hard-sun", "rim": "rim", "neon": "neon", "spotlight": "spotlight",
        "golden": "golden-hour", "overcast": "overcast", "beauty": "beauty-dish"}  # fmt: skip


def _oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """SRGB 0..1 (n×3) to OKLab (Ottosson 2020)."""
    lin = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lms = lin @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ]
    )
    mix = np.array(
        [
            [0.2104542553, 1.9779984951, 0.0259040371],
            [0.7936177850, -2.4285922050, 0.7827717662],
            [-0.0040720468, 0.4505937099, -0.8086757660],
        ]
    )
    return np.asarray(np.cbrt(lms) @ mix)


def palette(files: list[Path], colours: int = 6) -> list[dict[str, Any]]:
    """The pictures' main colours with shares that sum to 1, largest first: k-means in OKLab, seeded by spread."""
    pixels = np.concatenate(
        [np.asarray(Image.open(f).convert("RGB").resize((64, 64)), float).reshape(-1, 3) / 255 for f in files]
    )
    lab = _oklab(pixels) * [1.0, 1.6, 1.6]
    centres = [lab.mean(0)]
    for _ in range(colours - 1):
        gap = np.min([((lab - c) ** 2).sum(1) for c in centres], axis=0)
        centres.append(lab[int(np.argsort(gap)[int(len(gap) * 0.985)])])
    middle = np.array(centres)
    for _ in range(24):
        owner = ((lab[:, None] - middle[None]) ** 2).sum(2).argmin(1)
        middle = np.array([lab[owner == k].mean(0) if (owner == k).any() else middle[k] for k in range(colours)])
    counts = np.bincount(owner, minlength=colours)
    found = []
    for k in np.argsort(-counts):
        if counts[k] > 0.004 * len(lab):
            r, g, b = (round(float(v) * 255) for v in np.median(pixels[owner == k], axis=0))
            found.append((f"#{r:02X}{g:02X}{b:02X}", int(counts[k])))
    total = sum(n for _, n in found)
    shares = [round(n / total, 4) for _, n in found]
    shares[0] = round(shares[0] + 1 - sum(shares), 4)
    return [{"hex": h, "share": s} for (h, _), s in zip(found, shares, strict=True)]


def camera_word(elevation: float) -> str:
    """Eye, high, top or low."""
    return "top" if elevation > 55 else "high" if elevation > 14 else "eye" if elevation > 2 else "low"


def describe(camera: Camera, hero: Hero) -> str:
    """A hero's camera in a few words."""
    elevation, azimuth = camera.elevation + hero.elevation, camera.azimuth + hero.azimuth
    turn = "front" if abs(azimuth) < 2 else f"{abs(azimuth):.0f}° {'right' if azimuth > 0 else 'left'}"
    return f"{camera_word(elevation)}, {turn}, {elevation:.0f}° high, {camera.focal:.0f} mm"


def build(recipe: Recipe, folder: Path, samples: int) -> dict[str, Any]:
    """The card of a style from its recipe and the heroes already rendered in its folder."""
    done = [i for i in range(3) if (folder / f"hero-{i + 1}.webp").is_file()]
    light, camera = recipe.light, recipe.camera
    key = (
        "window-gobo" if light.gobo in {"window", "blinds", "arch"} else "leaf-gobo" if light.gobo else KEYS[light.rig]
    )
    fill = camera.fill
    return {
        "id": recipe.id,
        "name": {"en": recipe.name.en, "zh": recipe.name.zh},
        "family": recipe.family,
        "moods": list(recipe.moods),
        "materials": list(recipe.materials),
        "palette": palette([folder / f"hero-{i + 1}.webp" for i in done]),
        "light": {
            "key": key,
            "direction": side(light),
            "softness": light.softness,
            "temperature_k": light.kelvin,
        },
        "composition": {
            "camera": camera_word(camera.elevation),
            "framing": "close" if fill > 0.5 else "medium" if fill >= 0.38 else "wide",
            "placement": "centre" if abs(camera.shift) < 0.06 else "right" if camera.shift > 0 else "left",
        },
        "categories": list(recipe.categories),
        "season": recipe.season,
        "festival": recipe.festival,
        "words": {"en": list(recipe.words.en), "zh": list(recipe.words.zh)},
        "prompt": recipe.prompt,
        "negative_prompt": recipe.negative,
        "heroes": [
            {
                "file": f"hero-{i + 1}.webp",
                "product": recipe.heroes[i].product,
                "seed": recipe.hero_seed(i),
                "camera": describe(camera, recipe.heroes[i]),
            }
            for i in done
        ],
        "plate": _plate(folder),
        "aesthetic": _kept(folder),
        "provenance": {"renderer": VERSION, "recipe": recipe.digest, "seed": recipe.seed, "samples": samples},
        "licence": "CC0-1.0",
    }


def _plate(folder: Path) -> dict[str, str | None] | None:
    """The plate's files, the reference when it is there; None until plate and geometry are."""
    if not all((folder / name).is_file() for name in ("plate.webp", "plate.json")):
        return None
    reference = "plate_shadow.webp" if (folder / "plate_shadow.webp").is_file() else None
    return {"file": "plate.webp", "reference": reference, "geometry": "plate.json"}


def _kept(folder: Path) -> Any:
    """The aesthetic score an earlier card holds, which the evaluator fills in."""
    try:
        return json.loads((folder / "card.json").read_text("utf-8")).get("aesthetic")
    except (OSError, ValueError):
        return None


def write(recipe: Recipe, folder: Path, samples: int) -> bool:
    """Write card.json in one step; False when no hero is there yet."""
    if not any((folder / f"hero-{i}.webp").is_file() for i in (1, 2, 3)):
        return False
    part = folder / "card.json.part"
    part.write_text(json.dumps(build(recipe, folder, samples), ensure_ascii=False, indent=1) + "\n", "utf-8")
    part.replace(folder / "card.json")
    return True
