"""Light rigs: a key by angles, fill, rim, backdrop light, the world around, and gobos that shape a hard sun.

Strength 1 lights a white card at the standing point to about 1.0 (scene linear) from the key alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from .graph import blend, linear
from .mesh import cut_out, group, meshes_of, soft_box
from .recipe import Light, Prop, Triple


def kelvin(temperature: float) -> tuple[float, float, float]:
    """Linear RGB of a black body, green at 1 (fit by Tanner Helland, made relative to 6500 K)."""

    def raw(k: float) -> tuple[float, float, float]:
        t = k / 100
        r = 255.0 if t <= 66 else 329.7 * (t - 60) ** -0.1332
        g = 99.47 * math.log(t) - 161.12 if t <= 66 else 288.12 * (t - 60) ** -0.0755
        b = 255.0 if t >= 66 else (0.0 if t <= 19 else 138.52 * math.log(t - 10) - 305.04)
        return tuple((min(max(c, 1.0), 255.0) / 255) ** 2.2 for c in (r, g, b))

    a, white = raw(temperature), raw(6500)
    rgb = [x / y for x, y in zip(a, white, strict=True)]
    return (rgb[0] / rgb[1], 1.0, rgb[2] / rgb[1])


def direction(azimuth: float, elevation: float) -> Vector:
    """Unit vector from the subject towards a light; azimuth 0 is the camera's side (−y), 90 the right."""
    a, e = math.radians(azimuth), math.radians(elevation)
    return Vector((math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)))


def _aim(obj: Any, at: Vector) -> Any:
    obj.rotation_euler = (at - obj.location).to_track_quat("-Z", "Y").to_euler()
    return obj


def area(
    at: Vector,
    azimuth: float,
    elevation: float,
    distance: float,
    size: tuple[float, float],
    level: float,
    colour: Any,
) -> Any:
    """A soft box that lights a white card facing it at `at` to a level; unseen by the camera itself."""
    data = bpy.data.lights.new("area", "AREA")
    data.shape, data.size, data.size_y = "RECTANGLE", size[0], size[1]
    data.energy, data.color = level * math.pi**2 * distance**2, colour[:3]
    obj = bpy.data.objects.new("area", data)
    bpy.context.scene.collection.objects.link(obj)
    obj.location = at + direction(azimuth, elevation) * distance
    obj.visible_camera = False
    return _aim(obj, at)


def sun(at: Vector, light: Light, colour: Any, level: float) -> Any:
    """A sun whose size follows the softness."""
    data = bpy.data.lights.new("sun", "SUN")
    data.energy, data.color, data.angle = (
        level * math.pi,
        colour[:3],
        math.radians(0.4 + 14 * light.softness**1.5),
    )
    obj = bpy.data.objects.new("sun", data)
    bpy.context.scene.collection.objects.link(obj)
    obj.location = at + direction(light.azimuth, light.elevation) * 10
    return _aim(obj, at)


def spot(at: Vector, light: Light, colour: Any, level: float) -> Any:
    """A theatre spot with a soft edge."""
    distance = 6.0
    data = bpy.data.lights.new("spot", "SPOT")
    data.energy, data.color = level * 4 * math.pi**2 * distance**2, colour[:3]
    data.spot_size, data.spot_blend, data.shadow_soft_size = (
        math.radians(30),
        0.25 + 0.6 * light.softness,
        0.05 + 0.6 * light.softness,
    )
    obj = bpy.data.objects.new("spot", data)
    bpy.context.scene.collection.objects.link(obj)
    obj.location = at + direction(light.azimuth, light.elevation) * distance
    return _aim(obj, at)


def _softbox(light: Light, at: Vector, colour: Any) -> None:
    size = 0.8 + 3.2 * light.softness
    area(at, light.azimuth, light.elevation, 4.2, (size, size * 1.2), light.strength, colour)


def _sunlight(light: Light, at: Vector, colour: Any) -> None:
    sun(at, light, colour, light.strength)


def _rim(light: Light, at: Vector, colour: Any) -> None:
    for side in (-1, 1):
        area(at, 128 * side, 18, 3.4, (0.5, 3.2), light.strength * 1.1, colour).data.spread = math.radians(110)
    area(at, light.azimuth, light.elevation, 4.5, (2.2, 2.2), 0.22 * light.strength, colour)


def _neon(light: Light, at: Vector, colour: Any) -> None:
    tints = [linear(c) for c in light.colours] or [linear("#FF3EA5"), linear("#2FD6FF")]
    area(at, -78, 16, 3.0, (0.8, 3.0), light.strength * 1.2, tints[0])
    area(at, 78, 16, 3.0, (0.8, 3.0), light.strength * 1.2, tints[1 % len(tints)])
    area(at, light.azimuth, 55, 4.5, (2.4, 2.4), 0.4 * light.strength, (1, 1, 1))


def _spotlight(light: Light, at: Vector, colour: Any) -> None:
    spot(at, light, colour, light.strength)


def _overcast(light: Light, at: Vector, colour: Any) -> None:
    area(at, light.azimuth, max(light.elevation, 60), 5.0, (6.0, 6.0), light.strength, colour)


def _beauty(light: Light, at: Vector, colour: Any) -> None:
    area(at, 0, 50, 4.0, (2.6, 1.4), 0.62 * light.strength, colour)
    area(at, 0, 4, 4.6, (2.6, 1.0), 0.16 * light.strength, colour)
    for side in (-1, 1):
        area(at, 82 * side, 14, 3.2, (0.7, 3.0), 0.42 * light.strength, colour)


RIGS: dict[str, Callable[[Light, Vector, Any], None]] = {
    "softbox": _softbox, "sun": _sunlight, "golden": _sunlight, "rim": _rim, "neon": _neon, "spotlight": _spotlight,
    "overcast": _overcast, "beauty": _beauty,
}  # fmt: skip


def light_up(light: Light, stand: Triple, wall: float, mirrored: bool = False) -> None:
    """Light the scene: rig, fill, rims, backdrop, world and gobo; a mirrored floor hides the lesser lamps."""
    at = Vector(stand) + Vector((0, 0, 0.5))
    colour = kelvin(light.kelvin)
    RIGS[light.rig](light, at, colour)
    side = -1 if light.azimuth > 0 else 1
    if light.fill:
        area(at, 55 * side, 22, 5.0, (4.5, 4.5), 0.35 * light.fill, (1, 1, 1)).visible_glossy = not mirrored
    if light.rim:
        lamp = area(at, 142 * side, 32, 3.6, (0.7, 2.6), 0.6 * light.rim, colour)
        lamp.data.spread, lamp.visible_glossy = math.radians(95), not mirrored
    if light.back:
        tint = linear(light.colours[0]) if light.colours and light.rig != "neon" else colour
        spot_at = Vector((0, wall, 1.3))
        area(spot_at, 0, 50, 3.0, (3.0, 0.8), 0.8 * light.back, tint).visible_glossy = not mirrored
    world(light)
    if light.gobo:
        gobo(light, at, wall)


def world(light: Light) -> None:
    """The surroundings: a colour that changes from horizon to zenith, with stars when asked for."""
    sky = bpy.data.worlds.new("world")
    bpy.context.scene.world = sky
    sky.use_nodes = True
    tree = sky.node_tree
    tree.nodes.clear()
    out, back = tree.nodes.new("ShaderNodeOutputWorld"), tree.nodes.new("ShaderNodeBackground")
    coords, split, ramp = (
        tree.nodes.new("ShaderNodeTexCoord"),
        tree.nodes.new("ShaderNodeSeparateXYZ"),
        tree.nodes.new("ShaderNodeValToRGB"),
    )
    tree.links.new(coords.outputs["Generated"], split.inputs[0])
    tree.links.new(split.outputs[2], ramp.inputs[0])
    ends = ramp.color_ramp.elements
    ends[0].position, ends[0].color = 0.0, linear(light.horizon or light.world)
    ends[1].position, ends[1].color = 0.35, linear(light.world)
    back.inputs["Strength"].default_value = light.ambient
    colour = ramp.outputs[0]
    if light.stars:
        cells = tree.nodes.new("ShaderNodeTexVoronoi")
        cells.inputs["Scale"].default_value = 90.0
        tree.links.new(coords.outputs["Generated"], cells.inputs["Vector"])
        cut = tree.nodes.new("ShaderNodeMapRange")
        for name, value in (("From Min", 0.035), ("From Max", 0.09), ("To Min", 9.0), ("To Max", 0.0)):
            cut.inputs[name].default_value = value
        tree.links.new(cells.outputs["Distance"], cut.inputs["Value"])
        add = tree.nodes.new("ShaderNodeMix")
        add.data_type, add.blend_type = "RGBA", "ADD"
        add.inputs[0].default_value = 1.0
        tree.links.new(colour, add.inputs[6])
        tree.links.new(cut.outputs[0], add.inputs[7])
        colour = add.outputs[2]
    tree.links.new(colour, back.inputs["Color"])
    tree.links.new(back.outputs[0], out.inputs[0])


def gobo(light: Light, at: Vector, wall: float) -> None:
    """Hang a cut-out between sun and set that only casts shadows; windows aim between product and wall."""
    parts = GOBOS[light.gobo]()
    root = group("gobo", parts)
    toward = direction(light.azimuth, light.elevation)
    at = at + Vector((0.2, 0.42 * wall, 0.3)) if light.gobo in {"window", "arch"} else at
    root.location = at + toward * (3.0 if light.gobo != "branches" else 2.2)
    root.rotation_euler = toward.to_track_quat("Y", "Z").to_euler()
    for obj in meshes_of(root):
        obj.visible_camera = obj.visible_glossy = obj.visible_diffuse = obj.visible_transmission = False


def _rect(x0: float, z0: float, x1: float, z1: float) -> list[tuple[float, float]]:
    return [(x0, z0), (x1, z0), (x1, z1), (x0, z1)]


def _window() -> list[Any]:
    panes = [_rect(x, z, x + 0.92, z + 1.0) for x in (-0.97, 0.05) for z in (-1.6, -0.5, 0.6)]
    return [cut_out("window", [_rect(-9, -9, 9, 9), *[p[::-1] for p in panes]], 0.03, None, 0.002)]


def _blinds() -> list[Any]:
    parts = []
    for z in np.arange(-6, 6, 0.30):
        slat = soft_box("slat", (14, 0.012, 0.13), None, 0.002)
        slat.location = (0, 0, float(z))
        parts.append(slat)
    return parts


def _archlight() -> list[Any]:
    r = 1.0
    opening = [
        (-r, -1.6),
        (r, -1.6),
        *[(r * math.cos(a), 0.35 + r * math.sin(a)) for a in np.linspace(0, math.pi, 40)],
    ]
    bars = [soft_box("bar", (0.07, 0.02, 3.4), None, 0.002), soft_box("bar", (2.0, 0.02, 0.07), None, 0.002)]
    bars[0].location, bars[1].location = (0, 0, -1.8), (0, 0, 0.33)
    return [cut_out("arch", [_rect(-9, -9, 9, 9), opening[::-1]], 0.03, None, 0.002), *bars]


def _palm() -> list[Any]:
    from .foliage import frond

    parts = []
    for k, (x, z, turn) in enumerate(((-1.9, -0.9, 0.55), (-1.7, 0.3, 0.1), (-1.6, 1.3, -0.35), (1.9, 1.2, 2.9))):
        piece = Prop(kind="frond", size=(2.3, 1, 0.5), count=22, spread=1.0, seed=k)
        root = group("frond", frond(piece, None, None))
        root.rotation_euler, root.location = (math.pi / 2, turn, 0), (x, 0.1 * k, z)
        parts.append(root)
    return parts


def _leaves() -> list[Any]:
    from .foliage import blade

    rng = np.random.default_rng(4)
    parts = []
    for _ in range(150):
        x, z = rng.uniform(-3.2, 3.2), rng.uniform(-2.6, 2.8)
        if math.hypot(x * 0.9, z + 0.1) < 0.75 and rng.uniform() < 0.8:
            continue
        one = blade(float(rng.uniform(0.3, 0.55)), float(rng.uniform(0.12, 0.24)), None)
        one.location, one.rotation_euler = (
            (x, float(rng.uniform(-0.4, 0.4)), z),
            (1.57 + rng.uniform(-0.5, 0.5), rng.uniform(0, 6.28), rng.uniform(-0.4, 0.4)),
        )
        parts.append(one)
    return parts


def _branches() -> list[Any]:
    from .foliage import blossom

    parts = []
    for k, (x, z, turn) in enumerate(((-2.2, -1.0, 0.2), (-2.0, 0.4, -0.2), (2.1, 1.3, 2.7))):
        root = group(
            "branch",
            blossom(Prop(kind="blossom", size=(2.6, 1, 1.0), count=40, spread=1.3, seed=k + 2), None, None),
        )
        root.rotation_euler, root.location = (0, turn, 0), (x, 0, z)
        parts.append(root)
    return parts


GOBOS: dict[str, Callable[[], list[Any]]] = {
    "window": _window, "blinds": _blinds, "arch": _archlight, "palm": _palm, "leaves": _leaves, "branches": _branches,
}  # fmt: skip


def average(light: Light) -> str:
    """The key's colour as sRGB hex, brightest channel full."""
    if light.rig == "neon" and len(light.colours) > 1:
        return blend(light.colours[0], light.colours[1], 0.5)
    rgb = kelvin(light.kelvin)
    top = max(rgb)
    return "#" + "".join(f"{round(255 * (c / top) ** (1 / 2.2)):02X}" for c in rgb)
