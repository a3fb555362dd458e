"""Procedural materials: a Surface of a recipe becomes a Blender material. Scales are scene metres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from . import minerals, textures
from .graph import Graph, Socket, blend, image_data, linear, shade
from .recipe import Surface


@dataclass(frozen=True)
class Print:
    """A picture printed on the front of a product: rectangle in the product's own x and z (metres)."""

    image: Image.Image
    x: float
    z: float
    width: float
    height: float
    glow: float = 0.0


def build(spec: Surface, seed: int = 0, printed: Print | None = None) -> Any:
    """The Blender material of a surface, with a print on it when given."""
    graph = Graph(spec.kind)
    shader = KINDS[spec.kind](graph, spec, seed)
    if printed is not None:
        shader = _print(graph, shader, printed)
    return graph.finish(shader)


def _print(graph: Graph, shader: Socket, printed: Print) -> Socket:
    """Lay a picture over the front half of a body by projection along y."""
    xyz = graph.node("SeparateXYZ", {0: graph.node("TexCoord").outputs["Object"]}).outputs
    u = graph.remap(xyz[0], printed.x - printed.width / 2, printed.x + printed.width / 2)
    v = graph.remap(xyz[2], printed.z - printed.height / 2, printed.z + printed.height / 2)
    picture = graph.node(
        "TexImage", {"Vector": graph.node("CombineXYZ", {0: u, 1: v}).outputs[0]}, {"extension": "CLIP"}
    )
    picture.image = image_data("print", printed.image)
    front = graph.maths("LESS_THAN", xyz[1], 0.0)
    inside = graph.maths("MULTIPLY", _within(graph, u), _within(graph, v))
    share = graph.maths("MULTIPLY", graph.maths("MULTIPLY", picture.outputs["Alpha"], front), inside)
    colour = picture.outputs["Color"]
    inputs: dict[str | int, Any] = {"Base Color": colour, "Roughness": 0.35}
    if printed.glow:
        inputs |= {"Emission Color": colour, "Emission Strength": printed.glow}
    return graph.blend_shaders(share, shader, graph.principled(inputs))


def _within(graph: Graph, value: Socket) -> Socket:
    """1 where 0.001 < value < 0.999."""
    return graph.maths("MULTIPLY", graph.maths("GREATER_THAN", value, 0.001), graph.maths("LESS_THAN", value, 0.999))


def _second(spec: Surface, factor: float) -> str:
    """The second colour, or the first made lighter or darker."""
    return spec.second or shade(spec.colour, factor)


def _matte(graph: Graph, spec: Surface, rough: float, grain: float, depth: float, vary: float = 0.97) -> Socket:
    """A matt surface of fine grain and slightly uneven colour and roughness."""
    where = graph.coords(spec.scale)
    broad = graph.noise(where, 1.7, 3)
    base = graph.mix(broad, spec.colour, _second(spec, vary))
    r = spec.rough if spec.rough is not None else rough
    inputs: dict[str | int, Any] = {
        "Base Color": base,
        "Roughness": graph.remap(broad, 0.2, 0.8, (max(r - 0.06, 0.02), min(r + 0.06, 1))),
        "Specular IOR Level": 0.35,
    }
    if depth:
        inputs["Normal"] = graph.bump(graph.noise(where, grain, 5, 0.6), depth * spec.bump)
    return graph.principled(inputs)


def paper(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Matt card with a whisper of fibre."""
    return _matte(graph, spec, 0.92, 90, 0.0015)


def plaster(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Hand-trowelled plaster."""
    where = graph.coords(spec.scale)
    broad, fine = graph.noise(where, 2.2, 6, 0.6, 0.6), graph.noise(where, 38, 5, 0.65)
    base = graph.mix(graph.remap(broad, 0.3, 0.7), spec.colour, _second(spec, 0.93))
    height = graph.maths("ADD", graph.maths("MULTIPLY", broad, 2.2), graph.maths("MULTIPLY", fine, 0.35))
    return graph.principled(
        {
            "Base Color": base,
            "Roughness": 0.88,
            "Normal": graph.bump(height, 0.025 * spec.bump),
            "Specular IOR Level": 0.3,
        }
    )


def paint(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Smooth satin paint or plastic."""
    return _matte(graph, spec, 0.45, 60, 0.0, 0.99)


def gradient(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Matt, from the first colour at the floor to the second at scale metres above it."""
    z = graph.node("SeparateXYZ", {0: graph.node("NewGeometry").outputs["Position"]}).outputs[2]
    stops = [(0.0, spec.colour), (1.0, spec.second or "#FFFFFF")]
    if spec.third:
        stops = [(0.0, spec.colour), (0.5, spec.second or "#FFFFFF"), (1.0, spec.third)]
    base = graph.ramp(graph.remap(z, 0.0, 3.0 * spec.scale), stops)
    return graph.principled(
        {
            "Base Color": base,
            "Roughness": spec.rough if spec.rough is not None else 0.9,
            "Specular IOR Level": 0.2,
        }
    )


def metal(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Polished metal with faint smudges."""
    r = spec.rough if spec.rough is not None else 0.16
    smudge = graph.remap(graph.noise(graph.coords(spec.scale), 5, 4), 0.3, 0.7, (max(r - 0.05, 0.02), r + 0.06))
    return graph.principled({"Base Color": linear(spec.colour), "Metallic": 1.0, "Roughness": smudge})


def brushed(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Metal brushed sideways."""
    lines = graph.noise(graph.coords((1.2 * spec.scale, 1.2 * spec.scale, 90 * spec.scale)), 6, 3, 0.7)
    r = spec.rough if spec.rough is not None else 0.32
    inputs: dict[str | int, Any] = {
        "Base Color": graph.mix(lines, spec.colour, _second(spec, 0.88)),
        "Metallic": 1.0,
    }
    inputs |= {
        "Roughness": graph.remap(lines, 0.3, 0.7, (r - 0.08, r + 0.1)),
        "Normal": graph.bump(lines, 0.002 * spec.bump),
    }
    return graph.principled(inputs)


def mirror(graph: Graph, spec: Surface, seed: int) -> Socket:
    """A clean mirror of a tint."""
    return graph.principled(
        {
            "Base Color": linear(spec.colour),
            "Metallic": 1.0,
            "Roughness": 0.015 if spec.rough is None else spec.rough,
        }
    )


def glass(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Clear or tinted glass."""
    inputs: dict[str | int, Any] = {
        "Base Color": linear(spec.colour),
        "Roughness": spec.rough or 0.0,
        "IOR": 1.46,
        "Transmission Weight": 1.0,
    }
    return graph.clear_shadow(graph.principled(inputs), spec.colour)


def acrylic(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Cast acrylic: brighter and softer than glass."""
    inputs: dict[str | int, Any] = {
        "Base Color": linear(spec.colour),
        "Roughness": spec.rough if spec.rough is not None else 0.04,
    }
    inputs |= {"IOR": 1.3, "Transmission Weight": 0.94, "Coat Weight": 0.5, "Coat Roughness": 0.03}
    return graph.clear_shadow(graph.principled(inputs), spec.colour, 0.95)


def frosted(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Satin glass with a soft inner glow."""
    inputs: dict[str | int, Any] = {
        "Base Color": linear(spec.colour),
        "Roughness": spec.rough or 0.36,
        "IOR": 1.4,
        "Transmission Weight": 0.72,
    }
    return graph.clear_shadow(graph.principled(inputs), spec.colour, 0.7)


def rubber(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Soft-touch rubber."""
    return _matte(graph, spec, 0.6, 150, 0.0006)


def ceramic(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Glazed ware: a matt body under a clear coat; rough sets the coat."""
    speck = graph.remap(graph.noise(graph.coords(spec.scale), 55, 2), 0.66, 0.74)
    base = graph.mix(speck, spec.colour, spec.second or shade(spec.colour, 0.96))
    r = spec.rough if spec.rough is not None else 0.22
    return graph.principled({"Base Color": base, "Roughness": r, "Coat Weight": 0.35, "Coat Roughness": 0.08})


def lacquer(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Deep lacquer under a mirror-like coat."""
    base = graph.mix(graph.noise(graph.coords(spec.scale), 1.5, 3), spec.colour, _second(spec, 0.85))
    r = spec.rough if spec.rough is not None else 0.3
    return graph.principled({"Base Color": base, "Roughness": r, "Coat Weight": 0.8, "Coat Roughness": 0.05})


def porcelain(graph: Graph, spec: Surface, seed: int) -> Socket:
    """White porcelain with blue brushwork wrapped round z; scale is the height of the pattern in metres."""
    xyz = graph.node("SeparateXYZ", {0: graph.node("TexCoord").outputs["Object"]}).outputs
    turn = graph.maths("ARCTAN2", xyz[0], xyz[1])
    u = graph.maths("MULTIPLY", turn, 2 / 6.28318530718 if spec.power > 1 else 1 / 6.28318530718)
    v = graph.maths("DIVIDE", xyz[2], spec.scale)
    picture = graph.node(
        "TexImage", {"Vector": graph.node("CombineXYZ", {0: u, 1: v}).outputs[0]}, {"extension": "REPEAT"}
    )
    picture.image = image_data("porcelain", textures.porcelain(spec.second or "#1D3F8F"))
    base = graph.mix(picture.outputs["Alpha"], spec.colour, picture.outputs["Color"])
    return graph.principled({"Base Color": base, "Roughness": 0.16, "Coat Weight": 0.4, "Coat Roughness": 0.05})


def holographic(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Iridescent film: hue turns with the angle of view and a slow swirl."""
    angle = graph.node("LayerWeight", {"Blend": 0.45}).outputs["Facing"]
    swirl = graph.noise(graph.coords(spec.scale), 0.9, 2, 0.5, 1.6)
    phase = graph.maths(
        "FRACT", graph.maths("ADD", graph.maths("MULTIPLY", angle, 1.3), graph.maths("MULTIPLY", swirl, 2.2))
    )
    stops = [
        (0.0, "#F7B6E6"),
        (0.2, "#B9A4FF"),
        (0.4, "#8FD3FF"),
        (0.58, "#A6F5DA"),
        (0.78, "#FFF1B0"),
        (1.0, "#F7B6E6"),
    ]
    base = graph.ramp(phase, stops)
    r = spec.rough if spec.rough is not None else 0.18
    return graph.principled(
        {"Base Color": base, "Metallic": 0.85, "Roughness": r, "Coat Weight": 0.5, "Coat Roughness": 0.04}
    )


def glow(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Light itself: power times the colour."""
    return graph.node("Emission", {"Color": linear(spec.colour), "Strength": spec.power}).outputs[0]


def silk(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Satin silk: soft long highlights."""
    weave = graph.noise(graph.coords((140 * spec.scale, 20 * spec.scale, 140 * spec.scale)), 3, 2)
    inputs: dict[str | int, Any] = {
        "Base Color": linear(spec.colour),
        "Roughness": 0.36 if spec.rough is None else spec.rough,
    }
    inputs |= {
        "Specular IOR Level": 0.75,
        "Sheen Weight": 0.35,
        "Sheen Roughness": 0.35,
        "Sheen Tint": linear(_second(spec, 1.2)),
    }
    inputs["Normal"] = graph.bump(weave, 0.0006 * spec.bump)
    return graph.principled(inputs)


def velvet(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Velvet: dark face on, bright along the edges."""
    nap = graph.noise(graph.coords(spec.scale), 3.2, 4, 0.6, 0.5)
    base = graph.mix(graph.remap(nap, 0.3, 0.7), spec.colour, _second(spec, 0.72))
    inputs: dict[str | int, Any] = {
        "Base Color": base,
        "Roughness": 0.9,
        "Sheen Weight": 1.0,
        "Sheen Roughness": 0.32,
    }
    inputs |= {"Sheen Tint": linear(blend(spec.colour, "#FFFFFF", 0.35)), "Specular IOR Level": 0.1}
    inputs["Normal"] = graph.bump(graph.noise(graph.coords(spec.scale), 160, 2), 0.003 * spec.bump)
    return graph.principled(inputs)


def linen(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Woven cloth: crossing threads of uneven thickness."""
    threads = []
    for direction in ("X", "Y"):
        inputs = {
            "Vector": graph.coords(spec.scale),
            "Scale": 26.0,
            "Distortion": 1.6,
            "Detail": 2.0,
            "Detail Scale": 2.0,
        }
        threads.append(graph.node("TexWave", inputs, {"bands_direction": direction}).outputs["Fac"])
    weave = graph.maths("MAXIMUM", threads[0], threads[1])
    base = graph.mix(weave, _second(spec, 0.82), spec.colour)
    inputs2: dict[str | int, Any] = {
        "Base Color": base,
        "Roughness": 0.95,
        "Sheen Weight": 0.25,
        "Specular IOR Level": 0.1,
    }
    return graph.principled(inputs2 | {"Normal": graph.bump(weave, 0.009 * spec.bump)})


def knit(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Knitted mesh, as on a sneaker or a loudspeaker."""
    cells = graph.voronoi(graph.coords((1.0 * spec.scale, 1.0 * spec.scale, 1.6 * spec.scale)), 60)
    base = graph.mix(graph.remap(cells, 0.1, 0.7), spec.colour, _second(spec, 0.84))
    return graph.principled(
        {
            "Base Color": base,
            "Roughness": 0.9,
            "Normal": graph.bump(cells, -0.005 * spec.bump),
            "Sheen Weight": 0.2,
        }
    )


def leather(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Grained leather."""
    where = graph.coords(spec.scale)
    grain = graph.voronoi(where, 48, "DISTANCE_TO_EDGE")
    tone = graph.noise(where, 3, 4)
    base = graph.mix(tone, spec.colour, _second(spec, 0.8))
    inputs: dict[str | int, Any] = {
        "Base Color": base,
        "Roughness": graph.remap(tone, 0.3, 0.7, (0.4, 0.54)),
        "Specular IOR Level": 0.45,
    }
    return graph.principled(inputs | {"Normal": graph.bump(graph.remap(grain, 0, 0.25), 0.004 * spec.bump)})


def kraft(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Brown paper with fibres."""
    where = graph.coords(spec.scale)
    fibre = graph.noise(graph.coords((30 * spec.scale, 200 * spec.scale, 60 * spec.scale)), 1.2, 4, 0.7)
    base = graph.mix(graph.remap(fibre, 0.3, 0.72), spec.colour, _second(spec, 0.8))
    return graph.principled(
        {
            "Base Color": base,
            "Roughness": 0.9,
            "Normal": graph.bump(graph.noise(where, 70, 4), 0.002 * spec.bump),
        }
    )


def leaf(graph: Graph, spec: Surface, seed: int) -> Socket:
    """A living leaf: waxy, mottled, slightly translucent."""
    tone = graph.noise(graph.coords(spec.scale), 2.5, 4)
    base = graph.mix(graph.remap(tone, 0.25, 0.75), spec.colour, _second(spec, 0.7))
    body = graph.principled({"Base Color": base, "Roughness": 0.42, "Specular IOR Level": 0.45})
    through = graph.node("BsdfTranslucent", {"Color": base}).outputs[0]
    return graph.blend_shaders(0.22, body, through)


def petal(graph: Graph, spec: Surface, seed: int) -> Socket:
    """A petal: soft, translucent, fading towards the second colour."""
    tone = graph.noise(graph.coords(spec.scale), 6, 3)
    base = graph.mix(graph.remap(tone, 0.35, 0.7), spec.colour, _second(spec, 0.9))
    body = graph.principled({"Base Color": base, "Roughness": 0.62, "Sheen Weight": 0.3})
    return graph.blend_shaders(0.32, body, graph.node("BsdfTranslucent", {"Color": base}).outputs[0])


def cloud(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Cotton cloud: white, soft, lit from within a little."""
    inputs: dict[str | int, Any] = {
        "Base Color": linear(spec.colour),
        "Roughness": 1.0,
        "Sheen Weight": 0.5,
        "Specular IOR Level": 0.0,
    }
    inputs |= {"Emission Color": linear(_second(spec, 1.0)), "Emission Strength": 0.10 * spec.power}
    return graph.principled(
        inputs | {"Normal": graph.bump(graph.noise(graph.coords(spec.scale), 9, 6, 0.65), 0.05 * spec.bump)}
    )


KINDS: dict[str, Callable[[Graph, Surface, int], Socket]] = {
    "paper": paper, "plaster": plaster, "paint": paint, "gradient": gradient, "metal": metal, "brushed": brushed,
    "mirror": mirror, "glass": glass, "acrylic": acrylic, "frosted": frosted, "rubber": rubber, "ceramic": ceramic,
    "lacquer": lacquer, "porcelain": porcelain, "holographic": holographic,
    "glow": glow, "silk": silk,
    "velvet": velvet, "linen": linen, "knit": knit, "leather": leather,
    "kraft": kraft, "leaf": leaf, "petal": petal, "cloud": cloud,
    **minerals.KINDS,
}  # fmt: skip
