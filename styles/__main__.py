"""The command line: `python -m styles search|add|rename|remove|list|brand|eval|rate|export|import|bench`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from styles.errors import EncoderUnavailable, StyleError

if TYPE_CHECKING:
    from styles.finder import StyleFinder
    from styles.types import Decoder, Encoder, Rgb, Scorer

FAILED, USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 it failed, 2 bad usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except StyleError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE if error.usage else FAILED
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m styles", description="Find the style that fits a brand.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where your own styles and brands are kept")
    parser.add_argument("--library", type=Path, metavar="DIR", help="another library than the packaged one")
    parser.add_argument("--encoder", metavar="NAME", help="an open_clip model as MODEL:PRETRAINED (opt-in)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _search_options(commands.add_parser("search", help="find styles by words, pictures, colours, brand"))
    add = commands.add_parser("add", help="add a style of your own from pictures or a folder")
    add.add_argument("paths", nargs="+", metavar="DIR_OR_IMAGE")
    add.add_argument("--name", required=True, metavar="N")
    add.add_argument("--name-zh", metavar="N", help="its name in Chinese")
    add.add_argument("--words", default="", metavar="A,B", help="words to find it by, with commas")
    add.add_argument("--force", action="store_true", help="add it even where it looks like another")
    add.add_argument("--no-score", action="store_true", help="do not judge how good it looks")
    add.set_defaults(run=_add)
    rename = commands.add_parser("rename", help="give one of your styles another name")
    rename.add_argument("id", metavar="ID")
    rename.add_argument("--name", required=True, metavar="N")
    rename.add_argument("--name-zh", metavar="N")
    rename.set_defaults(run=_rename)
    remove = commands.add_parser("remove", help="delete one of your styles")
    remove.add_argument("id", metavar="ID")
    remove.set_defaults(run=_remove)
    listing = commands.add_parser("list", help="list all styles")
    listing.add_argument("--own", action="store_true", help="only your own")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    _brand_options(commands.add_parser("brand", help="save, list, judge by, and delete brands"))
    evaluation = commands.add_parser("eval", help="measure the search on the library")
    evaluation.add_argument("--json", action="store_true")
    evaluation.set_defaults(run=_eval)
    rating = commands.add_parser("rate", help="fill the aesthetic score of the library's cards")
    rating.add_argument("ids", nargs="*", metavar="ID", help="only these styles")
    rating.set_defaults(run=_rate)
    export = commands.add_parser("export", help="write your own styles to a zip file")
    export.add_argument("file", type=Path, metavar="FILE.zip")
    export.add_argument("ids", nargs="*", metavar="ID", help="only these styles")
    export.set_defaults(run=_export)
    importing = commands.add_parser("import", help="add the styles of a zip file")
    importing.add_argument("file", type=Path, metavar="FILE.zip")
    importing.set_defaults(run=_import)
    bench = commands.add_parser("bench", help="measure the vector index on synthetic vectors")
    bench.add_argument("--count", type=_positive, default=100_000, metavar="N")
    bench.add_argument("--dimension", type=_positive, default=256, metavar="D")
    bench.set_defaults(run=_bench)
    return parser


def _search_options(search: argparse.ArgumentParser) -> None:
    search.add_argument("--text", default="", metavar="T", help="words, English or 中文")
    search.add_argument("--image", nargs="+", action="extend", default=[], metavar="F")
    search.add_argument("--colour", "--color", nargs="+", action="extend", default=[], metavar="#HEX")
    search.add_argument("--brand", metavar="NAME")
    search.add_argument("--like", metavar="ID", help="styles like this one")
    search.add_argument("-k", type=_positive, default=10, metavar="N", help="how many (default: 10)")
    search.add_argument("--aesthetic", type=float, default=0.2, metavar="0..1", help="from fit (0) to looks (1)")
    search.add_argument("--variety", type=float, default=0.15, metavar="0..1", help="0 nearest, 1 most unlike")
    for name in ("family", "mood", "material", "category", "season", "festival"):
        search.add_argument(f"--{name}", nargs="+", action="extend", default=[], metavar="SLUG")
    search.add_argument("--json", action="store_true", help="a JSON list, best first")
    search.set_defaults(run=_search)


def _brand_options(brand: argparse.ArgumentParser) -> None:
    actions = brand.add_subparsers(required=True, metavar="ACTION")
    save = actions.add_parser("save", help="learn a brand from 3–30 pictures, colours and words")
    save.add_argument("name", metavar="NAME")
    save.add_argument("paths", nargs="*", metavar="DIR_OR_IMAGE")
    save.add_argument("--colour", "--color", nargs="+", action="extend", default=[], metavar="#HEX")
    save.add_argument("--words", default="", metavar="A,B", help="words for it, with commas")
    save.add_argument("--replace", action="store_true", help="overwrite a brand of that name")
    save.set_defaults(run=_brand_save)
    fit = actions.add_parser("fit", help="how on-brand pictures are, and what deviates")
    fit.add_argument("name", metavar="NAME")
    fit.add_argument("paths", nargs="+", metavar="DIR_OR_IMAGE")
    fit.add_argument("--json", action="store_true")
    fit.set_defaults(run=_brand_fit)
    listing = actions.add_parser("list", help="list the brands")
    listing.set_defaults(run=_brand_list)
    remove = actions.add_parser("remove", help="delete a brand")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(run=_brand_remove)


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number over 0")
    return number


class _Judge:
    """The evaluator as a Scorer; it is loaded at the first picture."""

    def __init__(self) -> None:
        from evaluator import Evaluator

        self._evaluator = Evaluator()
        self.stamp = ""

    def score(self, picture: Rgb) -> float | None:
        """Return the picture's score, 1–5."""
        report = self._evaluator.score(picture)
        stamp = report.stamp
        self.stamp = f"vitrine {stamp.version}; standard {stamp.standard}; weights {stamp.weights or 'none'}"
        return report.score


def _decoder() -> Decoder:
    """Return the evaluator's guarded decoder."""
    from evaluator.decode import decode

    def read(source: str | Path | bytes) -> Rgb:
        return decode(source).rgb

    return read


def _encoder(name: str | None) -> Encoder | None:
    """Return the opt-in encoder of a name, or None for the embedded one.

    Raises: EncoderUnavailable.
    """
    if name is None or name in ("embedded", "descriptor"):
        return None
    try:
        found: Encoder = importlib.import_module("evaluator.experts.clip").load_encoder(name)
    except Exception as error:
        # Whatever stands in the way (a missing library, no weights, no network) is said in its own words.
        raise EncoderUnavailable(name=name, why=str(error).rstrip(".")) from error
    return found


def _finder(options: argparse.Namespace, *, scorer: Scorer | None = None) -> StyleFinder:
    from styles.catalog import LIBRARY
    from styles.finder import StyleFinder

    library, encoder = options.library or LIBRARY, _encoder(options.encoder)
    finder = StyleFinder(options.data, library, encoder, scorer, _decoder())
    for fault in finder.catalog.faults:
        print(f"warning: {fault}", file=sys.stderr)
    return finder


def _search(options: argparse.Namespace) -> int:
    from rich.console import Console

    from styles import table
    from styles.types import Filters, Query

    filters = Filters(
        families=tuple(options.family),
        moods=tuple(options.mood),
        materials=tuple(options.material),
        categories=tuple(options.category),
        seasons=tuple(options.season),
        festivals=tuple(options.festival),
    )
    query = Query(
        text=options.text,
        pictures=tuple(options.image),
        colours=tuple(options.colour),
        like=options.like,
        brand=options.brand,
        filters=filters,
        k=options.k,
        aesthetic=options.aesthetic,
        variety=options.variety,
    )
    found = _finder(options).search(query)
    if options.json:
        rows = [
            {
                "id": hit.style.id,
                "name": hit.style.card.name.model_dump(),
                "family": hit.style.card.family,
                "fit": hit.fit,
                "aesthetic": hit.aesthetic,
                "score": hit.score,
                "why": hit.why,
                "why_zh": hit.why_zh,
                "parts": {part.name: {"weight": part.weight, "fit": part.fit} for part in hit.parts},
            }
            for hit in found
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        table.hits(Console(), found)
    return 0


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("，", ",").split(",") if word.strip()]


def _add(options: argparse.Namespace) -> int:
    from styles.pictures import walk

    paths = walk(options.paths)
    finder = _finder(options, scorer=None if options.no_score else _Judge())
    style = finder.add(options.name, paths, name_zh=options.name_zh, words=_words(options.words), force=options.force)
    looks = f", aesthetic {style.card.aesthetic.score:.2f}" if style.card.aesthetic else ""
    print(f"added {style.id} ({len(style.heroes)} pictures{looks})")
    return 0


def _rename(options: argparse.Namespace) -> int:
    style = _finder(options).rename(options.id, options.name, options.name_zh)
    print(f"{style.id} is now called {style.card.name.en}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    _finder(options).remove(options.id)
    print(f"removed {options.id}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from rich.console import Console

    from styles import table

    found = [s for s in _finder(options).catalog.styles() if s.own or not options.own]
    if options.json:
        print(json.dumps([style.card.model_dump(mode="json") for style in found], ensure_ascii=False, indent=2))
    else:
        table.styles(Console(), found)
    return 0


def _brand_save(options: argparse.Namespace) -> int:
    from rich.console import Console

    from styles import table
    from styles.pictures import walk

    paths = walk(options.paths) if options.paths else []
    brand = _finder(options).save_brand(
        options.name, paths, options.colour, _words(options.words), replace=options.replace
    )
    table.brands(Console(), [brand])
    return 0


def _brand_fit(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from rich.console import Console

    from styles import table
    from styles.pictures import walk

    finder = _finder(options)
    finder.brand(options.name)
    fits = {str(path): finder.brand_fit(options.name, path) for path in walk(options.paths)}
    if options.json:
        rows = [{"path": path, **asdict(fit)} for path, fit in fits.items()]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        table.brand_fits(Console(), fits)
    return 0


def _brand_list(options: argparse.Namespace) -> int:
    from rich.console import Console

    from styles import table

    finder = _finder(options)
    table.brands(Console(), [finder.brand(name) for name in finder.brands()])
    return 0


def _brand_remove(options: argparse.Namespace) -> int:
    _finder(options).remove_brand(options.name)
    print(f"removed the brand {options.name}")
    return 0


def _eval(options: argparse.Namespace) -> int:
    from rich.console import Console

    from styles import table
    from styles.eval import evaluate, load_queries

    finder = _finder(options)
    written, palettes = load_queries()
    shelf, index = finder.likenesses()
    result = evaluate(shelf, index, finder.search, finder.encoder.name, finder.duplicate, written, palettes)
    if options.json:
        print(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
    else:
        table.evaluation(Console(), result)
    return 0


def _rate(options: argparse.Namespace) -> int:
    from styles.rate import rate

    finder = _finder(options)
    chosen = [finder.get(id) for id in options.ids] or [s for s in finder.catalog.styles() if not s.own]
    for style, judged in rate(chosen, _Judge(), _decoder()):
        print(f"{style.id}: {judged.score if judged else 'could not be judged'}", flush=True)
    return 0


def _export(options: argparse.Namespace) -> int:
    count = _finder(options).export(options.file, options.ids)
    print(f"wrote {count} styles to {options.file}")
    return 0


def _import(options: argparse.Namespace) -> int:
    added = _finder(options).import_styles(options.file)
    print(f"added {', '.join(style.id for style in added)}")
    return 0


def _bench(options: argparse.Namespace) -> int:
    from styles.bench import run

    print(json.dumps(run(options.count, options.dimension), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
