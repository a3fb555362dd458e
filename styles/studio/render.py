"""The render job: what remains, picture by picture, with progress and time left; safe to stop and start again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from . import camera_work, card, lights, plate, scene
from .camera_work import Quality
from .plan import Task, clear_stale
from .recipe import Recipe, Stage

REFERENCE = 384
QUICK = {"hero-1": (5, 1.0), "plate": (4, 0.7), "plate_shadow": (4, 0.8), "hero-2": (5, 0.66), "hero-3": (5, 0.66)}
SUBJECTS: dict[str, scene.Subject] = {"plate": "nothing", "plate_shadow": "stand-in"}
GLOWS = {"neon", "bulbs", "lantern", "letters"}


def crowded(recipe: Recipe) -> bool:
    """Whether many things in a set glow, so that Cycles does better with its light tree."""
    return any(p.kind in GLOWS or p.surface.kind == "glow" for p in recipe.props) or _lit(recipe.stage)


def _lit(stage: Stage) -> bool:
    return stage.floor.kind == "grid"


def picture(recipe: Recipe, task: Task, out: Path, quality: Quality) -> int:
    """Render one picture, write it (and plate.json beside a plate), return its size in bytes."""
    if task.picture == "plate_shadow":
        quality = replace(quality, size=min(quality.size, REFERENCE))
    if not quality.fine:
        samples, share = QUICK[task.picture]
        quality = replace(quality, samples=samples, share=share)
    subject = SUBJECTS.get(task.picture, "product")
    built = scene.assemble(recipe, task.hero, subject)
    camera_work.set_up(quality, recipe.grade, task.seed, crowded(recipe))
    folder = out / recipe.id
    size = camera_work.save(camera_work.shoot(quality.size), folder / f"{task.picture}.webp")
    if task.picture == "plate":
        facts = plate.geometry(recipe, built.view, built.size, quality.size, lights.average(recipe.light))
        (folder / "plate.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    return size


def run(
    recipes: Mapping[str, Recipe],
    tasks: Sequence[Task],
    out: Path,
    quality: Quality,
    say: Callable[[str], None],
) -> None:
    """Render tasks in order; cards are brought up to date after each picture."""
    for name in {t.style for t in tasks}:
        removed = clear_stale(recipes[name], out)
        if removed:
            say(f"{name}: recipe changed, removed {len(removed)} old files")
    begun = time.monotonic()
    for number, task in enumerate(tasks, 1):
        start = time.monotonic()
        recipe = recipes[task.style]
        size = picture(recipe, task, out, quality)
        card.write(recipe, out / recipe.id, quality.samples if quality.fine else QUICK["hero-1"][0])
        took, left = time.monotonic() - start, (time.monotonic() - begun) / number * (len(tasks) - number)
        say(
            f"{number}/{len(tasks)} {task.style}/{task.picture} {size / 1000:.0f} KB "
            f"{took:.0f} s, {left / 60:.0f} min left"
        )
