"""A thin hand for Blender's shader graphs: nodes from dicts, colours from hex. Knows no particular materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import bpy
import numpy as np
from PIL import Image

Socket = Any


def linear(colour: str) -> tuple[float, float, float, float]:
    """SRGB hex to linear RGBA, each 0..1."""
    rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return (r, g, b, 1.0)


def shade(colour: str, factor: float) -> str:
    """A hex colour made lighter (factor over 1) or darker."""
    return "#" + "".join(f"{min(255, max(0, round(int(colour[i : i + 2], 16) * factor))):02X}" for i in (1, 3, 5))


def blend(first: str, second: str, share: float) -> str:
    """A hex colour between two."""
    pairs = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def image_data(name: str, image: Image.Image) -> Any:
    """A Pillow picture as a Blender image, packed."""
    rgba = np.asarray(image.convert("RGBA"), np.float32)[::-1] / 255
    data = bpy.data.images.new(name, rgba.shape[1], rgba.shape[0], alpha=True)
    data.pixels.foreach_set(np.ascontiguousarray(rgba).ravel())
    data.update()
    data.pack()
    return data


class Graph:
    """A material's node tree being built; `out` receives the finished surface."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()
        self.out = self.tree.nodes.new("ShaderNodeOutputMaterial")

    def node(
        self,
        kind: str,
        inputs: Mapping[Any, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Any:
        """A node of a kind (without the ShaderNode prefix); inputs take values or sockets."""
        node = self.tree.nodes.new("ShaderNode" + kind)
        for key, value in (settings or {}).items():
            setattr(node, key, value)
        for name, value in (inputs or {}).items():
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[name])
            else:
                node.inputs[name].default_value = value
        return node

    def finish(self, shader: Socket) -> Any:
        """Connect the surface and hand back the material."""
        self.tree.links.new(shader, self.out.inputs["Surface"])
        return self.material

    def coords(self, scale: float | tuple[float, float, float] = 1.0, space: str = "Object") -> Socket:
        """Coordinates times a scale, in metres of the object (or another space of the coordinate node)."""
        vector = self.node("TexCoord").outputs[space]
        xyz = (scale,) * 3 if isinstance(scale, int | float) else scale
        return self.node("Mapping", {"Vector": vector, "Scale": xyz}).outputs[0]

    def noise(self, vector: Socket, scale: float, detail: float = 4, rough: float = 0.55, warp: float = 0) -> Socket:
        """Fractal noise, 0..1."""
        inputs = {
            "Vector": vector,
            "Scale": scale,
            "Detail": min(detail, 3.0),
            "Roughness": rough,
            "Distortion": warp,
        }
        return self.node("TexNoise", inputs).outputs["Fac"]

    def voronoi(self, vector: Socket, scale: float, feature: str = "F1", output: str = "Distance") -> Socket:
        """Cells: distance, colour or edge distance."""
        return self.node("TexVoronoi", {"Vector": vector, "Scale": scale}, {"feature": feature}).outputs[output]

    def ramp(self, value: Socket, stops: Sequence[tuple[float, str]]) -> Socket:
        """Colours along a value from 0 to 1."""
        node = self.node("ValToRGB", {"Fac": value})
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (position, colour) in zip(elements, stops, strict=False):
            element.position, element.color = position, linear(colour)
        return node.outputs["Color"]

    def remap(self, value: Socket, low: float, high: float, to: tuple[float, float] = (0, 1)) -> Socket:
        """A value stretched from low..high to a range, clamped."""
        inputs = {"Value": value, "From Min": low, "From Max": high, "To Min": to[0], "To Max": to[1]}
        return self.node("MapRange", inputs).outputs[0]

    def maths(self, operation: str, first: Any, second: Any = 0.0) -> Socket:
        """One operation on two values."""
        return self.node("Math", {0: first, 1: second}, {"operation": operation}).outputs[0]

    def mix(self, factor: Any, first: Any, second: Any) -> Socket:
        """A colour between two (hex or sockets)."""
        a, b = (linear(c) if isinstance(c, str) else c for c in (first, second))
        return self.node("Mix", {0: factor, 6: a, 7: b}, {"data_type": "RGBA"}).outputs[2]

    def bump(self, height: Socket, distance: float, strength: float = 1.0) -> Socket:
        """A normal from a height; distance in metres."""
        return self.node("Bump", {"Height": height, "Distance": distance, "Strength": min(strength, 1.0)}).outputs[0]

    def principled(self, inputs: Mapping[Any, Any]) -> Socket:
        """The general surface."""
        return self.node("BsdfPrincipled", inputs).outputs[0]

    def blend_shaders(self, factor: Any, first: Socket, second: Socket) -> Socket:
        """A surface between two."""
        return self.node("MixShader", {0: factor, 1: first, 2: second}).outputs[0]

    def clear_shadow(self, shader: Socket, tint: str, strength: float = 0.9) -> Socket:
        """Glass whose shadow lets tinted light through, instead of the black shadow of a renderer without caustics."""
        ray = self.node("LightPath").outputs["Is Shadow Ray"]
        clear = self.node("BsdfTransparent", {"Color": linear(blend("#000000", tint, strength))}).outputs[0]
        return self.blend_shaders(ray, shader, clear)
