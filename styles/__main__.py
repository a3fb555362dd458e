"""The command line: `python -m styles search|add|rename|remove|list|brand|eval|rate|export|import|bench`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from styles.arguments import build
from styles.errors import EncoderUnavailable, StyleError

if TYPE_CHECKING:
    from evaluator import Evaluator
    from styles.finder import StyleFinder
    from styles.types import Decoder, Encoder, Rgb, Scorer

FAILED, USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 it failed, 2 bad usage."""
    options = build().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except StyleError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE if error.usage else FAILED
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED


class Judge:
    """The evaluator as a Scorer."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self.stamp = ""

    def score(self, picture: Rgb) -> float | None:
        """Return the picture's score, 1–5."""
        report = self._evaluator.score(picture)
        stamp = report.stamp
        self.stamp = f"vitrine {stamp.version}; standard {stamp.standard}; weights {stamp.weights or 'none'}"
        return report.score


def _judge() -> Judge:
    from evaluator import Evaluator

    return Judge(Evaluator())


def decoder() -> Decoder:
    """Return the evaluator's guarded decoder."""
    from evaluator.decode import decode

    def read(source: str | Path | bytes) -> Rgb:
        return decode(source).rgb

    return read


def encoder(name: str | None) -> Encoder | None:
    """Return the encoder of a name, or None for the descriptor alone; `descriptor+NAME` is both at once.

    Without a name it is the descriptor and the network; a warning says where the network cannot be had.
    Raises: EncoderUnavailable.
    """
    if name is None:
        try:
            return encoder("descriptor+network")
        except EncoderUnavailable as error:
            print(f"warning: {error} Going on with that alone.", file=sys.stderr)
            return None
    if name in ("embedded", "descriptor"):
        return None
    alone = name.removeprefix("descriptor+")
    module = "evaluator.network.encoder" if alone == "network" else "evaluator.experts.clip"
    try:
        found: Encoder = importlib.import_module(module).load_encoder(alone)
    except Exception as error:
        # Whatever stands in the way (a missing library, no weights, no network) is said in its own words.
        raise EncoderUnavailable(name=alone, why=str(error).rstrip(".")) from error
    if alone == name:
        return found
    from styles.encode import beside_descriptor

    return beside_descriptor(found)


def _finder(options: argparse.Namespace, *, scorer: Scorer | None = None) -> StyleFinder:
    from styles.catalog import LIBRARY
    from styles.finder import StyleFinder

    library, found = options.library or LIBRARY, encoder(options.encoder)
    finder = StyleFinder(options.data, library, found, scorer, decoder())
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
        rows = [hit.row() for hit in found]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        table.hits(Console(), found)
    return 0


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("，", ",").split(",") if word.strip()]


def _add(options: argparse.Namespace) -> int:
    from styles.pictures import walk

    paths = walk(options.paths)
    finder = _finder(options, scorer=None if options.no_score else _judge())
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
    for style, judged in rate(chosen, _judge(), decoder()):
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


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "add": _add,
    "bench": _bench,
    "brand_fit": _brand_fit,
    "brand_list": _brand_list,
    "brand_remove": _brand_remove,
    "brand_save": _brand_save,
    "eval": _eval,
    "export": _export,
    "import": _import,
    "list": _list,
    "rate": _rate,
    "remove": _remove,
    "rename": _rename,
    "search": _search,
}


if __name__ == "__main__":
    sys.exit(main())
