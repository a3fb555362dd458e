"""Cycles: settings for clean, cheap pictures, and one picture to a file."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bpy
from PIL import Image, ImageFilter

from .recipe import Grade

LIMIT = 90_000


@dataclass(frozen=True)
class Quality:
    """Picture side (pixels), samples per pixel, threads (0: all), share of the side traced, care of the denoiser."""

    size: int = 768
    samples: int = 6
    threads: int = 2
    share: float = 1.0
    fine: bool = True


def set_up(quality: Quality, grade: Grade, seed: int, light_tree: bool = False) -> None:
    """Configure Cycles on the processor: few bounces, a denoiser guided by albedo and normals.

    The light tree pays only for sets full of glowing things.
    """
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.seed = "CPU", quality.samples, seed % 100_000
    cycles.use_adaptive_sampling, cycles.adaptive_threshold, cycles.adaptive_min_samples = True, 0.05, 4
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes, cycles.denoising_prefilter = (
        "RGB_ALBEDO_NORMAL",
        "ACCURATE" if quality.fine else "FAST",
    )
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 6, 2, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces, cycles.volume_bounces = 6, 8, 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.blur_glossy, cycles.use_light_tree = 4.0, 0.5, light_tree
    scene.render.resolution_x = scene.render.resolution_y = round(quality.size * quality.share)
    scene.render.resolution_percentage = 100
    if quality.threads:
        scene.render.threads_mode, scene.render.threads = "FIXED", quality.threads
    view = scene.view_settings
    view.view_transform = grade.view
    if grade.view == "AgX":
        view.look = "None" if grade.look == "None" else f"AgX - {grade.look}"
    elif grade.view == "Filmic" and grade.look != "None":
        view.look = (
            grade.look if grade.look in {"Medium High Contrast", "High Contrast", "Medium Low Contrast"} else "None"
        )
    view.exposure = grade.exposure


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Blender's own chatter off the standard output."""
    sys.stdout.flush()
    keep, void = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, 1)
    try:
        yield
    finally:
        os.dup2(keep, 1)
        os.close(keep)
        os.close(void)


def shoot(size: int = 0) -> Image.Image:
    """Render the current scene to an RGB picture, resampled to a side in pixels when one is given."""
    scene = bpy.context.scene
    scene.render.image_settings.file_format, scene.render.image_settings.color_mode = "PNG", "RGB"
    scene.render.image_settings.compression = 5
    handle, name = tempfile.mkstemp(suffix=".png")
    os.close(handle)
    scene.render.filepath = name
    try:
        with quiet():
            bpy.ops.render.render(write_still=True)
        with Image.open(name) as picture:
            picture.load()
            if size and picture.width != size:
                large = picture.convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
                return large.filter(ImageFilter.UnsharpMask(1.2, 45, 2))
            return picture.convert("RGB")
    finally:
        Path(name).unlink(missing_ok=True)


def save(picture: Image.Image, path: Path, limit: int = LIMIT) -> int:
    """Write WebP at the best quality that fits the limit in bytes, in one step; returns the size."""
    for quality in (92, 90, 87, 84, 80, 75, 68, 60, 50):
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= limit:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(buffer.getvalue())
    part.replace(path)
    return buffer.tell()
