"""Bodies made from numbers: turned, swept, lofted, cut and rounded, all with soft edges.

Units are scene metres; x runs right, y away from the camera, z up. Knows nothing of materials but how to assign one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

Obj = Any
Material = Any
Points = NDArray[np.float64]


def link(obj: Obj, material: Material | None = None) -> Obj:
    """Put an object into the scene, with its material."""
    if material is not None:
        obj.data.materials.append(material)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def from_arrays(name: str, verts: Points, faces: Sequence[Sequence[int]], material: Material | None) -> Obj:
    """A smooth mesh from n×3 vertices and faces of vertex numbers."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(np.asarray(verts, float).tolist(), [], [list(f) for f in faces])
    mesh.shade_smooth()
    mesh.validate()
    return link(bpy.data.objects.new(name, mesh), material)


def soften(corners: Sequence[tuple[float, float, float]], steps: int = 6) -> Points:
    """A polyline whose corners (u, v, radius) are rounded; n×2. Points beside each rounding keep the flats flat."""
    pts = np.array([c[:2] for c in corners], float)
    out: list[Points] = [pts[0]]
    for i in range(1, len(pts) - 1):
        p, radius = pts[i], corners[i][2]
        before, after = pts[i - 1] - p, pts[i + 1] - p
        lb, la = float(np.linalg.norm(before)), float(np.linalg.norm(after))
        if radius <= 0 or lb < 1e-6 or la < 1e-6:
            out.append(p)
            continue
        reach = min(radius, lb * 0.49, la * 0.49)
        start, end = p + before / lb * reach, p + after / la * reach
        out.append(start + before / lb * min(0.12 * reach, lb * 0.005))
        t = np.linspace(0, 1, steps)[:, None]
        out.extend((1 - t) ** 2 * start + 2 * t * (1 - t) * p + t**2 * end)
        out.append(end + after / la * min(0.12 * reach, la * 0.005))
    out.append(pts[-1])
    return np.array(out)


def lathe(
    name: str,
    corners: Sequence[tuple[float, float, float]],
    material: Material | None,
    segments: int = 72,
    at: tuple[float, float, float] = (0, 0, 0),
) -> Obj:
    """A body turned about z from corners (radius, height, rounding), bottom to top on the outside."""
    profile = soften(corners)
    profile[:, 0] = np.maximum(profile[:, 0], 1e-5)
    angle = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    verts = np.concatenate([np.column_stack([ring * r, np.full(segments, z)]) for r, z in profile])
    obj = from_arrays(name, verts, _quads(len(profile), segments, wrap=True), material)
    obj.location = at
    return obj


def _quads(rows: int, columns: int, wrap: bool) -> list[tuple[int, int, int, int]]:
    """Faces of a grid of rows × columns vertices, closed along the columns when wrapped."""
    last = columns if wrap else columns - 1
    return [
        (
            i * columns + j,
            i * columns + (j + 1) % columns,
            (i + 1) * columns + (j + 1) % columns,
            (i + 1) * columns + j,
        )
        for i in range(rows - 1)
        for j in range(last)
    ]


def loft(name: str, sections: Points, material: Material | None, caps: bool = True) -> Obj:
    """A skin over k closed sections of n points each (k×n×3), with flat ends."""
    rows, columns = sections.shape[:2]
    faces: list[tuple[int, ...]] = list(_quads(rows, columns, wrap=True))
    if caps:
        faces += [tuple(range(columns))[::-1], tuple((rows - 1) * columns + i for i in range(columns))]
    return from_arrays(name, sections.reshape(-1, 3), faces, material)


def surface(name: str, grid: Points, material: Material | None, thickness: float = 0.0) -> Obj:
    """A sheet over a grid of points (rows×columns×3), made solid when a thickness is given."""
    rows, columns = grid.shape[:2]
    obj = from_arrays(name, grid.reshape(-1, 3), _quads(rows, columns, wrap=False), material)
    if thickness:
        solid = obj.modifiers.new("solid", "SOLIDIFY")
        solid.thickness, solid.offset = thickness, 0
    return obj


def field(
    name: str,
    width: float,
    depth: float,
    height: Callable[[Points, Points], Points],
    material: Material,
    n: int = 140,
) -> Obj:
    """Ground whose height is a function of x and y, centred on the origin."""
    x, y = np.meshgrid(np.linspace(-width / 2, width / 2, n), np.linspace(-depth / 2, depth / 2, n))
    return surface(name, np.stack([x, y, height(x, y)], -1), material)


def soft_box(
    name: str, size: Sequence[float], material: Material | None, radius: float = 0.03, segments: int = 4
) -> Obj:
    """A box of full width, depth and height standing on z = 0, its edges rounded."""
    w, d, h = size[0] / 2, size[1] / 2, size[2]
    corners = np.array([(x, y, z) for z in (0.0, h) for x, y in ((-w, -d), (w, -d), (w, d), (-w, d))])
    sides = [(i, (i + 1) % 4, (i + 1) % 4 + 4, i + 4) for i in range(4)]
    obj = from_arrays(name, corners, [(3, 2, 1, 0), (4, 5, 6, 7), *sides], material)
    return bevelled(obj, min(radius, w * 0.95, d * 0.95, h * 0.48), segments)


def bevelled(obj: Obj, radius: float, segments: int = 3) -> Obj:
    """Round the edges of an object and keep its flats flat."""
    bevel = obj.modifiers.new("bevel", "BEVEL")
    bevel.width, bevel.segments, bevel.limit_method, bevel.harden_normals = radius, segments, "ANGLE", True
    return obj


def ball(name: str, radius: float, material: Material | None, segments: int = 48) -> Obj:
    """A sphere resting on z = 0."""
    half = [(radius * math.sin(a), radius - radius * math.cos(a), 0.0) for a in np.linspace(0, math.pi, segments // 2)]
    return lathe(name, half, material, segments)


def tube(
    name: str,
    points: Sequence[Sequence[float]],
    radius: float,
    material: Material | None,
    closed: bool = False,
    taper: Sequence[float] | None = None,
    smooth: bool = True,
) -> Obj:
    """A round rod along points, smooth through them unless told otherwise, with a factor of radius per point."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.bevel_depth, curve.bevel_resolution, curve.use_fill_caps = "3D", radius, 5, True
    curve.resolution_u = 8
    spline = curve.splines.new("NURBS" if smooth else "POLY")
    spline.points.add(len(points) - 1)
    for i, p in enumerate(points):
        spline.points[i].co = (p[0], p[1], p[2], 1)
        spline.points[i].radius = taper[i] if taper is not None else 1.0
    spline.use_cyclic_u = closed
    if smooth:
        spline.order_u, spline.use_endpoint_u = min(4, len(points)), True
    return link(bpy.data.objects.new(name, curve), material)


def cut_out(
    name: str,
    outlines: Sequence[Sequence[tuple[float, float]]],
    depth: float,
    material: Material | None,
    bevel: float = 0.01,
    upright: bool = True,
) -> Obj:
    """A plate cut to outlines (the first outside, others holes), standing upright in x-z or lying in x-y."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.fill_mode = "2D", "BOTH"
    curve.extrude, curve.bevel_depth, curve.bevel_resolution, curve.offset = (
        max(depth / 2 - bevel, 0),
        bevel,
        3,
        -bevel,
    )
    for outline in outlines:
        spline = curve.splines.new("POLY")
        spline.points.add(len(outline) - 1)
        for i, (x, y) in enumerate(outline):
            spline.points[i].co = (x, y, 0, 1)
        spline.use_cyclic_u = True
    obj = link(bpy.data.objects.new(name, curve), material)
    if upright:
        obj.rotation_euler = (math.pi / 2, 0, 0)
    return obj


def ribbon(
    name: str, path: Points, width: Sequence[float], across: Points, material: Material, thickness: float
) -> Obj:
    """A band along a path (n×3), of a half width per point, spread along a direction per point (n×3)."""
    half = np.asarray(width, float)[:, None]
    grid = np.stack([path - across * half, path, path + across * half], 1)
    obj = surface(name, grid, material, thickness)
    return bevelled(obj, thickness * 0.3, 2)


def group(name: str, parts: Sequence[Obj]) -> Obj:
    """Hang parts from one empty, so that they move together; parts keep their own places."""
    empty = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(empty)
    for part in parts:
        if part.parent is None:
            part.parent = empty
    return empty


def meshes_of(root: Obj) -> list[Obj]:
    """All objects with a surface under a root, the root included."""
    found = [root] if root.type in {"MESH", "CURVE", "FONT"} else []
    return found + [o for child in root.children for o in meshes_of(child)]


def bounds(root: Obj) -> tuple[Points, Points]:
    """Lowest and highest corner of everything under a root, in scene metres."""
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    corners = []
    for obj in meshes_of(root):
        seen = obj.evaluated_get(graph)
        mesh = seen.to_mesh()
        flat = np.empty(len(mesh.vertices) * 3)
        mesh.vertices.foreach_get("co", flat)
        seen.to_mesh_clear()
        matrix = np.array(obj.matrix_world)
        corners.append(flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
    every = np.concatenate(corners)
    return every.min(0), every.max(0)
