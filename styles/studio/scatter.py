"""Copies of a model strewn over the ground, by a seed. Knows nothing of what it strews."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np

from .recipe import Prop


def strew(p: Prop, copies: list[Any], flat: bool, clear_front: bool = False) -> list[Any]:
    """Copies of models strewn over a disc of radius spread, none nearer than keep to the middle."""
    rng = np.random.default_rng(p.seed + 11)
    placed: list[Any] = []
    while len(placed) < p.count:
        r, a = p.spread * math.sqrt(rng.uniform()), rng.uniform(0, 2 * math.pi)
        x, y = r * math.cos(a), r * math.sin(a)
        if r < p.keep or (clear_front and y < 0 and abs(x) < 0.5):
            continue
        model = copies[int(rng.integers(len(copies)))]
        twin = duplicate(model)
        twin.location = (x, y, rng.uniform(0.0, 0.02) if flat else 0.0)
        k = float(rng.uniform(0.65, 1.15))
        twin.scale = (k, k, k)
        wobble = (rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3)) if flat else (0.0, 0.0)
        twin.rotation_euler = (wobble[0], wobble[1], rng.uniform(0, 2 * math.pi))
        placed.append(twin)
    for model in copies:
        drop(model)
    return placed


def duplicate(model: Any) -> Any:
    """A twin that shares the mesh, with its children."""
    twin = model.copy()
    bpy.context.scene.collection.objects.link(twin)
    twin.parent = None
    for child in model.children:
        small = duplicate(child)
        small.parent = twin
    return twin


def drop(model: Any) -> None:
    """Remove a model and its children from the scene."""
    for child in list(model.children):
        drop(child)
    bpy.data.objects.remove(model)
