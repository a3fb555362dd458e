"""Where the camera stands, and what a compositor must know of an empty plate: pure geometry, no Blender."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .recipe import Camera, Hero, Light, Recipe, Surface, Triple

SENSOR = 36.0
REFLECT = {
    "mirror": 0.95, "water": 0.75, "metal": 0.6, "holographic": 0.6, "glass": 0.45, "brushed": 0.45, "ice": 0.45,
    "lacquer": 0.4, "acrylic": 0.4, "grid": 0.4, "porcelain": 0.4, "marble": 0.35, "tile": 0.35, "ceramic": 0.3,
    "terrazzo": 0.25, "frosted": 0.25, "wood": 0.15, "paint": 0.15, "bamboo": 0.15, "silk": 0.12, "leather": 0.12,
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """A placed camera: position and target in scene metres, focal length in mm on a 36 mm square sensor."""

    position: Triple
    target: Triple
    focal: float

    @property
    def distance(self) -> float:
        """Metres from camera to target."""
        return float(np.linalg.norm(np.subtract(self.target, self.position)))

    @property
    def axes(self) -> NDArray[np.float64]:
        """Rows right, up, back of the camera in the scene; 3×3, orthonormal."""
        back = np.subtract(self.position, self.target) / self.distance
        right = np.cross([0.0, 0.0, 1.0], back)
        right /= np.linalg.norm(right)
        return np.array([right, np.cross(back, right), back])

    def project(self, point: Triple) -> tuple[float, float, float]:
        """Picture coordinates (x right, y down, both 0..1) and depth in metres of a point."""
        x, y, z = self.axes @ np.subtract(point, self.position)
        k = self.focal / SENSOR / -z
        return (0.5 + float(x * k), 0.5 - float(y * k), float(-z))

    @property
    def horizon(self) -> float:
        """Picture height of the horizon, 0 at the top, 1 at the bottom; beyond that range when out of frame."""
        back = self.axes[2]
        level = math.hypot(float(back[0]), float(back[1]))
        return 0.5 - float(back[2]) / level * self.focal / SENSOR


def view(camera: Camera, hero: Hero, stand: Triple, size: Triple) -> View:
    """The camera for a product of a size in metres: it fills its share of the frame, with the set around it."""
    fill = hero.fill or camera.fill
    across = max(size[0], size[1] * 0.6)
    frame = min(max(size[2] / fill, across / (fill * 1.3), 2.35), 4.4)
    distance = frame * camera.focal / SENSOR
    azimuth, elevation = (
        math.radians(camera.azimuth + hero.azimuth),
        math.radians(camera.elevation + hero.elevation),
    )
    shift = camera.shift if hero.shift is None else hero.shift
    aim = np.array(stand) + np.array([0, 0, camera.aim * size[2]])
    aim = aim + np.array([math.cos(azimuth), math.sin(azimuth), 0]) * -shift * frame
    away = np.array(
        [
            math.sin(azimuth) * math.cos(elevation),
            -math.cos(azimuth) * math.cos(elevation),
            math.sin(elevation),
        ]
    )
    position = aim + away * distance
    return View(tuple(map(float, position)), tuple(map(float, aim)), camera.focal)  # type: ignore[arg-type]


def ground(recipe: Recipe) -> Surface:
    """What a product stands on."""
    return recipe.support[0].surface if recipe.support else recipe.stage.floor


def reflectivity(surface: Surface) -> float:
    """How mirror-like a surface is, 0 matt to 1 mirror."""
    base = REFLECT.get(surface.kind, 0.05)
    if surface.rough is None:
        return base
    return round(base * (1 - min(surface.rough, 1.0)) ** 0.5 if base > 0.1 else base, 3)


def side(light: Light) -> str:
    """The key's side in one word: left, right, top, front or back."""
    if light.elevation >= 65 or light.rig == "overcast":
        return "top"
    if light.rig == "rim" or abs(light.azimuth) > 120:
        return "back"
    if abs(light.azimuth) < 25 or light.rig == "beauty":
        return "front"
    return "left" if light.azimuth < 0 else "right"


def toward_light(light: Light) -> NDArray[np.float64]:
    """Unit vector from the subject to the key, in the scene."""
    a, e = math.radians(light.azimuth), math.radians(light.elevation)
    return np.array([math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)])


def allowed_box(recipe: Recipe, seen: View, size: Triple) -> list[float]:
    """Left, top, right, bottom (0..1) within which a product may stand."""
    x, y, depth = seen.project(recipe.stand)
    scale = seen.focal / SENSOR / depth
    support = recipe.support[0].size if recipe.support else (4.0, 4.0, 0.0)
    half = min(max(support[0] * 0.5, size[0] * 0.55), 1.25) * scale
    tall = max(size[2] * 1.12, 1.0) * scale
    low = y + 0.25 * min(support[1], 1.4) * scale * max(0.0, float(seen.axes[2][2]))
    return [round(v, 4) for v in (max(x - half, 0.04), max(y - tall, 0.05), min(x + half, 0.96), min(low, 0.97))]


def geometry(recipe: Recipe, seen: View, size: Triple, pixels: int, colour: str) -> dict[str, Any]:
    """All of plate.json: standing point, ground line, scale, box, camera, light, ground; picture coordinates 0..1."""
    stand = recipe.stand
    x, y, depth = seen.project(stand)
    half = 0.5 * max(min(recipe.support[0].size[0] if recipe.support else 1.6, 1.6), 0.3)
    right = seen.axes[0]
    ends = [seen.project(tuple(np.array(stand) + s * half * right)) for s in (-1, 1)]
    floor, light = ground(recipe), recipe.light
    toward = seen.axes @ toward_light(light)
    return {
        "version": 1,
        "picture": {"width": pixels, "height": pixels},
        "stand": {"x": round(x, 5), "y": round(y, 5), "depth_m": round(depth, 4)},
        "ground_line": [[round(ex, 5), round(ey, 5)] for ex, ey, _ in ends],
        "pixels_per_metre": round(seen.focal / SENSOR / depth * pixels, 3),
        "reference_size_m": [round(s, 4) for s in size],
        "allowed_box": allowed_box(recipe, seen, size),
        "camera": {
            "position_m": [round(v, 4) for v in seen.position],
            "target_m": [round(v, 4) for v in seen.target],
            "focal_mm": seen.focal,
            "sensor_mm": SENSOR,
            "horizon_y": round(seen.horizon, 5),
        },
        "light": {
            "direction_camera": [round(float(v), 5) for v in toward],
            "azimuth_deg": light.azimuth,
            "elevation_deg": light.elevation,
            "colour": colour,
            "kelvin": light.kelvin,
            "softness": light.softness,
            "side": side(light),
        },
        "ground": {"material": floor.kind, "colour": floor.colour, "reflectivity": reflectivity(floor)},
    }
