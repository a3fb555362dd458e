"""Procedural stone, wood, ground and building materials; the second half of `materials`. Scales are scene metres."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import textures
from .graph import Graph, Socket, blend, image_data, linear, shade
from .recipe import Surface

Inputs = dict[str | int, Any]


def _dark(spec: Surface, factor: float) -> str:
    """The second colour, or the first made darker."""
    return spec.second or shade(spec.colour, factor)


def marble(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Polished marble: broad clouds, fine and bold veins; the third colour gilds the boldest."""
    where = graph.coords(spec.scale)
    shift = graph.node(
        "Mapping",
        {"Vector": where, "Location": (seed % 17, seed % 13, seed % 7), "Rotation": (0.4, 0.7, 0.3)},
    ).outputs[0]
    bold = graph.maths("ABSOLUTE", graph.maths("SUBTRACT", graph.noise(shift, 0.75, 6, 0.56, 1.1), 0.5))
    fine = graph.maths("ABSOLUTE", graph.maths("SUBTRACT", graph.noise(shift, 2.3, 6, 0.6, 1.8), 0.5))
    cloud = graph.mix(graph.noise(shift, 0.9, 3), spec.colour, blend(spec.colour, _dark(spec, 0.7), 0.18))
    veined = graph.mix(graph.remap(fine, 0.0, 0.018, (0.42, 0)), cloud, _dark(spec, 0.7))
    base = graph.mix(graph.remap(bold, 0.0, 0.03, (0.85, 0)), veined, spec.third or _dark(spec, 0.6))
    r = spec.rough if spec.rough is not None else 0.16
    return graph.principled({"Base Color": base, "Roughness": r, "Coat Weight": 0.25, "Coat Roughness": 0.06})


def terrazzo(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Polished terrazzo: chips of three sizes in a ground; colour, second and third are ground and chips."""
    where = graph.coords(spec.scale)
    chips = [
        spec.second or "#C96F53",
        spec.third or "#2F4858",
        blend(spec.second or "#C96F53", "#FFFFFF", 0.55),
    ]
    base: Any = linear(spec.colour)
    for scale, share, colour in ((4.5, 0.55, 0), (7.5, 0.6, 1), (12.0, 0.62, 2)):
        shift = graph.node("Mapping", {"Vector": where, "Location": (scale, 2 * scale, 0.5 * scale)}).outputs[0]
        pick = graph.node("SeparateColor", {0: graph.voronoi(shift, scale, "F1", "Color")}).outputs[0]
        edge = graph.remap(graph.voronoi(shift, scale, "DISTANCE_TO_EDGE"), 0.10, 0.125)
        chip = graph.maths("MULTIPLY", edge, graph.maths("GREATER_THAN", pick, share))
        tint = graph.mix(graph.remap(pick, share, 1.0), chips[colour], chips[(colour + 1) % 3])
        base = graph.mix(chip, base, tint)
    r = spec.rough if spec.rough is not None else 0.3
    return graph.principled({"Base Color": base, "Roughness": r, "Coat Weight": 0.2, "Coat Roughness": 0.1})


def wood(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Planed, oiled wood with grain along x (along z for upright things that set bump under 1)."""

    def along(length: float, across: float) -> Socket:
        k, q = length * spec.scale, across * spec.scale
        return graph.coords((k, q, q) if spec.bump >= 1 else (q, q, k))

    rings = graph.noise(along(0.5, 5.0), 1.1, 4, 0.5, 1.3)
    lines = graph.maths("FRACT", graph.maths("MULTIPLY", rings, 9.0))
    fibre = graph.noise(along(2.0, 60.0), 2, 3)
    grain = graph.maths("ADD", graph.maths("MULTIPLY", lines, 0.6), graph.maths("MULTIPLY", fibre, 0.5))
    base = graph.mix(graph.remap(grain, 0.15, 0.95), spec.colour, _dark(spec, 0.72))
    inputs: Inputs = {
        "Base Color": base,
        "Roughness": graph.remap(fibre, 0.2, 0.8, (0.38, 0.58)),
        "Specular IOR Level": 0.4,
    }
    return graph.principled(inputs | {"Normal": graph.bump(grain, 0.004)})


def concrete(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Cast concrete: stains, pin holes, fine grit."""
    where = graph.coords(spec.scale)
    stain, grit = graph.noise(where, 1.3, 7, 0.62, 0.5), graph.noise(where, 45, 4, 0.7)
    holes = graph.remap(graph.voronoi(where, 9), 0.03, 0.075)
    base = graph.mix(graph.remap(stain, 0.3, 0.7), _dark(spec, 0.78), spec.colour)
    base = graph.mix(graph.maths("MULTIPLY", graph.remap(grit, 0.35, 0.65), 0.2), base, shade(spec.colour, 0.75))
    height = graph.maths("ADD", graph.maths("MULTIPLY", grit, 0.18), graph.maths("MULTIPLY", holes, 0.5))
    inputs: Inputs = {
        "Base Color": base,
        "Roughness": spec.rough if spec.rough is not None else 0.82,
        "Specular IOR Level": 0.3,
    }
    return graph.principled(inputs | {"Normal": graph.bump(height, 0.02 * spec.bump)})


def sand(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Fine dry sand."""
    where = graph.coords(spec.scale)
    grain = graph.noise(where, 170, 3, 0.8)
    tone = graph.mix(graph.noise(where, 2, 4), spec.colour, _dark(spec, 0.88))
    base = graph.mix(graph.maths("MULTIPLY", graph.remap(grain, 0.35, 0.68), 0.35), tone, shade(spec.colour, 0.62))
    inputs: Inputs = {"Base Color": base, "Roughness": 0.95, "Specular IOR Level": 0.15}
    return graph.principled(inputs | {"Normal": graph.bump(grain, 0.012 * spec.bump)})


def water(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Shallow water: tinted depth under a rippled mirror; the third colour draws light nets beneath."""
    where = graph.coords((spec.scale, spec.scale * 1.25, spec.scale))
    ripple = graph.noise(where, 1.6, 3, 0.5, 0.8)
    net = graph.voronoi(
        graph.node(
            "VectorMath",
            {0: where, 1: graph.node("TexNoise", {"Vector": where, "Scale": 1.4}).outputs["Color"]},
            {"operation": "ADD"},
        ).outputs[0],
        2.0,
        "DISTANCE_TO_EDGE",
    )
    bed = graph.mix(graph.noise(where, 0.7, 2), spec.colour, _dark(spec, 0.8))
    if spec.third:
        bed = graph.mix(graph.remap(net, 0.0, 0.09, (0.75, 0.0)), bed, spec.third)
    inputs: Inputs = {
        "Base Color": bed,
        "Roughness": spec.rough if spec.rough is not None else 0.04,
        "IOR": 1.33,
    }
    inputs |= {"Specular IOR Level": 0.8, "Coat Weight": 0.8, "Coat Roughness": 0.01}
    normal = graph.bump(ripple, 0.05 * spec.bump)
    return graph.principled(inputs | {"Normal": normal, "Coat Normal": normal})


def moss(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Cushion moss."""
    where = graph.coords(spec.scale)
    tuft, fine = graph.noise(where, 6, 5, 0.7), graph.noise(where, 46, 4, 0.8)
    base = graph.mix(
        graph.remap(
            graph.maths("ADD", graph.maths("MULTIPLY", tuft, 0.55), graph.maths("MULTIPLY", fine, 0.5)),
            0.32,
            0.72,
        ),
        _dark(spec, 0.4),
        spec.colour,
    )
    height = graph.maths("ADD", graph.maths("MULTIPLY", tuft, 1.2), graph.maths("MULTIPLY", fine, 0.6))
    inputs: Inputs = {
        "Base Color": base,
        "Roughness": 1.0,
        "Sheen Weight": 0.25,
        "Sheen Tint": linear(blend(spec.colour, "#F4FFB0", 0.3)),
        "Specular IOR Level": 0.0,
    }
    return graph.principled(inputs | {"Normal": graph.bump(height, 0.07 * spec.bump)})


def stone(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Natural stone: mottled, slightly worn."""
    where = graph.coords(spec.scale)
    tone, grit = graph.noise(where, 2.4, 7, 0.62, 0.4), graph.noise(where, 26, 5, 0.7)
    base = graph.mix(graph.remap(tone, 0.3, 0.7), _dark(spec, 0.65), spec.colour)
    base = graph.mix(graph.maths("MULTIPLY", graph.remap(grit, 0.4, 0.62), 0.3), base, shade(spec.colour, 1.2))
    height = graph.maths("ADD", tone, graph.maths("MULTIPLY", grit, 0.3))
    inputs: Inputs = {
        "Base Color": base,
        "Roughness": spec.rough if spec.rough is not None else 0.78,
        "Specular IOR Level": 0.35,
    }
    return graph.principled(inputs | {"Normal": graph.bump(height, 0.045 * spec.bump)})


def snow(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Fresh snow: soft, with blue in its shade and some sparkle."""
    where = graph.coords(spec.scale)
    grain = graph.noise(where, 60, 4, 0.7)
    base = graph.mix(graph.noise(where, 2.2, 4), spec.colour, _dark(spec, 0.96))
    inputs: Inputs = {"Base Color": base, "Roughness": 0.72, "Specular IOR Level": 0.5, "Sheen Weight": 0.3}
    return graph.principled(
        inputs
        | {
            "Normal": graph.bump(
                graph.maths("ADD", graph.maths("MULTIPLY", graph.noise(where, 4, 4), 1.5), grain),
                0.03 * spec.bump,
            )
        }
    )


def ice(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Clear ice with inner veils."""
    veil = graph.noise(graph.coords(spec.scale), 3.4, 5, 0.6, 0.8)
    inputs: Inputs = {"Base Color": linear(spec.colour), "IOR": 1.31, "Transmission Weight": 0.92}
    inputs |= {
        "Roughness": graph.remap(veil, 0.45, 0.8, (0.02, 0.4)),
        "Normal": graph.bump(veil, 0.03 * spec.bump),
    }
    return graph.clear_shadow(graph.principled(inputs), spec.colour, 0.85)


def tile(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Glazed square tiles with joints, facing the camera; second is the joint, scale tiles per metre times 2.5."""
    geometry = graph.node("TexCoord").outputs["Object"]
    xyz = graph.node("SeparateXYZ", {0: geometry}).outputs
    flat = graph.node("CombineXYZ", {0: xyz[0], 1: graph.maths("ADD", xyz[1], xyz[2])}).outputs[0]
    n = 2.5 * spec.scale
    inputs = {
        "Vector": flat,
        "Scale": 1.0,
        "Mortar Size": 0.022 / n * 1.4,
        "Mortar Smooth": 0.4,
        "Bias": 0.0,
        "Brick Width": 1 / n,
        "Row Height": 1 / n,
    }
    inputs |= {
        "Color1": linear(spec.colour),
        "Color2": linear(spec.third or shade(spec.colour, 0.96)),
        "Mortar": linear(_dark(spec, 0.75)),
    }
    bricks = graph.node("TexBrick", inputs, {"offset": 0.0})
    joint = bricks.outputs["Fac"]
    wave = graph.noise(graph.coords(spec.scale), 3.0, 2)
    height = graph.maths("SUBTRACT", graph.maths("MULTIPLY", wave, 0.35), joint)
    r = spec.rough if spec.rough is not None else 0.14
    inputs2: Inputs = {
        "Base Color": bricks.outputs["Color"],
        "Roughness": graph.remap(joint, 0, 1, (r, 0.8)),
        "Coat Weight": 0.3,
    }
    return graph.principled(inputs2 | {"Normal": graph.bump(height, 0.018 * spec.bump)})


def brick(graph: Graph, spec: Surface, seed: int) -> Socket:
    """A wall of rough bricks in running bond."""
    xyz = graph.node("SeparateXYZ", {0: graph.node("TexCoord").outputs["Object"]}).outputs
    flat = graph.node("CombineXYZ", {0: xyz[0], 1: graph.maths("ADD", xyz[1], xyz[2])}).outputs[0]
    inputs = {
        "Vector": flat,
        "Scale": spec.scale,
        "Mortar Size": 0.014,
        "Mortar Smooth": 0.3,
        "Brick Width": 0.62,
        "Row Height": 0.2,
    }
    inputs |= {
        "Color1": linear(spec.colour),
        "Color2": linear(spec.third or shade(spec.colour, 0.78)),
        "Mortar": linear(spec.second or "#8D8780"),
    }
    bricks = graph.node("TexBrick", inputs)
    grit = graph.noise(graph.coords(spec.scale), 14, 5, 0.7)
    base = graph.mix(
        graph.maths("MULTIPLY", graph.remap(grit, 0.35, 0.65), 0.35),
        bricks.outputs["Color"],
        shade(spec.colour, 0.55),
    )
    height = graph.maths("SUBTRACT", graph.maths("MULTIPLY", grit, 0.4), bricks.outputs["Fac"])
    return graph.principled({"Base Color": base, "Roughness": 0.92, "Normal": graph.bump(height, 0.035 * spec.bump)})


def grid(graph: Graph, spec: Surface, seed: int) -> Socket:
    """A dark floor with glowing lines; second is the line, power its strength."""
    xyz = graph.node("SeparateXYZ", {0: graph.coords(2.4 * spec.scale)}).outputs
    lines = []
    for axis in (0, 1, 2):
        cell = graph.maths(
            "ABSOLUTE",
            graph.maths("SUBTRACT", graph.maths("FRACT", graph.maths("ADD", xyz[axis], 0.25)), 0.5),
        )
        lines.append(graph.remap(cell, 0.012, 0.02, (1, 0)))
    normal = graph.node("SeparateXYZ", {0: graph.node("NewGeometry").outputs["Normal"]}).outputs
    up = graph.maths("GREATER_THAN", graph.maths("ABSOLUTE", normal[2]), 0.5)
    across = graph.maths(
        "MAXIMUM",
        graph.maths("MULTIPLY", lines[1], up),
        graph.maths("MULTIPLY", lines[2], graph.maths("SUBTRACT", 1.0, up)),
    )
    net = graph.maths("MAXIMUM", lines[0], across)
    inputs: Inputs = {
        "Base Color": linear(spec.colour),
        "Roughness": spec.rough if spec.rough is not None else 0.22,
    }
    inputs |= {
        "Emission Color": linear(spec.second or "#3BD5FF"),
        "Emission Strength": graph.maths("MULTIPLY", net, spec.power),
    }
    return graph.principled(inputs)


def bamboo(graph: Graph, spec: Surface, seed: int) -> Socket:
    """Split bamboo slats lying side by side along x."""
    y = graph.node("SeparateXYZ", {0: graph.coords(9 * spec.scale)}).outputs
    row = graph.maths("ADD", y[1], y[2])
    edge = graph.maths("ABSOLUTE", graph.maths("SUBTRACT", graph.maths("FRACT", row), 0.5))
    slat = graph.node("TexWhiteNoise", {"W": graph.maths("FLOOR", row)}, {"noise_dimensions": "1D"}).outputs["Value"]
    grain = graph.noise(graph.coords((2 * spec.scale, 60 * spec.scale, 60 * spec.scale)), 2, 3)
    base = graph.mix(
        graph.maths("ADD", graph.maths("MULTIPLY", slat, 0.6), graph.maths("MULTIPLY", grain, 0.4)),
        spec.colour,
        _dark(spec, 0.78),
    )
    base = graph.mix(graph.remap(edge, 0.44, 0.5), base, shade(_dark(spec, 0.78), 0.4))
    height = graph.remap(edge, 0.38, 0.5, (1, 0))
    return graph.principled({"Base Color": base, "Roughness": 0.45, "Normal": graph.bump(height, 0.03 * spec.bump)})


def court(graph: Graph, spec: Surface, seed: int) -> Socket:
    """A sport court's acrylic coat: fine aggregate."""
    where = graph.coords(spec.scale)
    grit = graph.noise(where, 120, 3, 0.8)
    base = graph.mix(graph.noise(where, 1.2, 4), spec.colour, _dark(spec, 0.9))
    return graph.principled(
        {
            "Base Color": base,
            "Roughness": 0.85,
            "Normal": graph.bump(grit, 0.008 * spec.bump),
            "Specular IOR Level": 0.3,
        }
    )


def ink(graph: Graph, spec: Surface, seed: int) -> Socket:
    """A painted backdrop of misty mountains, 9 metres wide; colour is the mist, second the ink."""
    xyz = graph.node("SeparateXYZ", {0: graph.node("NewGeometry").outputs["Position"]}).outputs
    span = 7.0 * spec.scale
    u = graph.remap(xyz[0], -span / 2, span / 2)
    v = graph.remap(xyz[2], -0.9 * spec.scale, span - 0.9 * spec.scale)
    picture = graph.node(
        "TexImage", {"Vector": graph.node("CombineXYZ", {0: u, 1: v}).outputs[0]}, {"extension": "EXTEND"}
    )
    picture.image = image_data("mountains", textures.ink_mountains(spec.second or "#3A4A52", spec.colour, 5 + seed % 3))
    return graph.principled({"Base Color": picture.outputs["Color"], "Roughness": 0.95, "Specular IOR Level": 0.1})


KINDS: dict[str, Callable[[Graph, Surface, int], Socket]] = {
    "marble": marble, "terrazzo": terrazzo, "wood": wood, "concrete": concrete, "sand": sand, "water": water,
    "moss": moss, "stone": stone, "snow": snow, "ice": ice,
    "tile": tile, "brick": brick, "grid": grid, "bamboo": bamboo,
    "court": court, "ink": ink,
}  # fmt: skip
