"""Commands of the studio: `render` the library, `scenes` for training, `sheet` to look at pictures."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from .plan import LIBRARY, ORDER, is_stale, recorded_samples, remaining
from .recipe import Recipe, RecipeError, load


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m styles.studio", description="Render the style library.")
    commands = top.add_subparsers(dest="command", required=True)
    render = commands.add_parser("render", help="render what is missing of the library; resumes")
    render.add_argument("--style", action="append", default=[], metavar="ID", help="only this style; may be repeated")
    render.add_argument("--heroes", type=int, default=3, choices=(1, 2, 3))
    render.add_argument("--only", choices=ORDER, default="", help="only this kind of picture")
    render.add_argument("--out", type=Path, default=LIBRARY)
    render.add_argument("--size", type=int, default=768)
    render.add_argument("--samples", type=int, default=6)
    render.add_argument("--threads", type=int, default=2)
    render.add_argument(
        "--quick", action="store_true", help="a coarser denoiser; later pictures traced smaller and enlarged"
    )
    render.add_argument("--force", action="store_true", help="redo pictures that are done")
    render.add_argument("--preview", action="store_true", help="256 pixels, 5 samples; give an --out of its own")
    render.add_argument("--dry-run", action="store_true", help="list what remains and stop")
    scenes = commands.add_parser("scenes", help="random scenes for training: picture, mask, plate, shadow, facts")
    scenes.add_argument("--count", type=int, required=True)
    scenes.add_argument("--first", type=int, default=0, help="the first scene's number")
    scenes.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="each renders on a core of its own")
    scenes.add_argument("--out", type=Path, required=True)
    scenes.add_argument("--seed", type=int, default=0)
    scenes.add_argument("--size", type=int, default=320)
    commands.add_parser("cards", help="write the cards anew from recipes and pictures; renders nothing")
    sheet = commands.add_parser("sheet", help="a contact sheet of the library")
    sheet.add_argument("--library", type=Path, default=LIBRARY)
    sheet.add_argument("--picture", default="hero-1", choices=ORDER)
    sheet.add_argument("--first", type=int, default=0)
    sheet.add_argument("--count", type=int, default=200)
    sheet.add_argument("--columns", type=int, default=4)
    sheet.add_argument("--tile", type=int, default=300)
    sheet.add_argument("--out", type=Path, default=Path("build/sheet.jpg"))
    return top


def chosen(recipes: dict[str, Recipe], names: list[str]) -> list[Recipe]:
    """Recipes by id; RecipeError for an unknown one."""
    unknown = [n for n in names if n not in recipes]
    if unknown:
        raise RecipeError(f"style {unknown[0]!r} is unknown; expected one of {', '.join(recipes)}")
    return [recipes[n] for n in names] or list(recipes.values())


def render(options: argparse.Namespace, console: Console) -> int:
    """Render what remains."""
    recipes = load()
    size, samples = (256, 5) if options.preview else (options.size, options.samples)
    if options.preview and options.out == LIBRARY:
        raise RecipeError("--preview would overwrite the library; give another folder with --out")
    tasks = remaining(chosen(recipes, options.style), options.out, options.heroes, options.force, options.only)
    console.print(f"{len(tasks)} pictures to render")
    if options.dry_run:
        for task in tasks:
            console.print(f"{task.style}/{task.picture}")
    elif tasks:
        from .camera_work import Quality
        from .render import run

        run(
            recipes,
            tasks,
            options.out,
            Quality(size, samples, options.threads, fine=not options.quick),
            lambda line: console.print(line, highlight=False),
        )
    return 0


def scenes(options: argparse.Namespace, console: Console) -> int:
    """Render training scenes."""
    from .cores import Job, render_scenes

    if options.first < 0 or options.count < 1 or options.processes < 1:
        raise RecipeError("--first must be 0 or more, --count and --processes 1 or more")
    load()
    render_scenes(
        range(options.first, options.first + options.count),
        options.processes,
        Job(options.out, options.seed, options.size),
    )
    return 0


def cards(options: argparse.Namespace, console: Console) -> int:
    """Write the cards of styles whose pictures are of the present recipe."""
    from .card import write

    current = [r for r in load().values() if not is_stale(r, LIBRARY)]
    done = sum(write(r, LIBRARY / r.id, recorded_samples(LIBRARY / r.id)) for r in current)
    console.print(f"{done} cards written")
    return 0


def sheet(options: argparse.Namespace, console: Console) -> int:
    """Write a contact sheet."""
    from .sheet import contact_sheet

    names = list(load())[options.first : options.first + options.count]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet([options.library / n / f"{options.picture}.webp" for n in names], options.tile, options.columns).save(
        options.out, quality=88
    )
    console.print(f"{options.out}: {len(names)} styles")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when done, 2 for a recipe or usage error."""
    options = parser().parse_args(arguments)
    console = Console()
    try:
        return {"render": render, "scenes": scenes, "cards": cards, "sheet": sheet}[options.command](options, console)
    except RecipeError as error:
        Console(stderr=True).print(f"error: {error}", markup=False)
        return 2


if __name__ == "__main__":
    sys.exit(main())
