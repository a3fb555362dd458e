"""The command line: `python -m evaluator score PATH…`, `compare ORIGINAL GENERATED` and `bench`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from evaluator import __version__
from evaluator.errors import EvaluatorError, FileUnwritable, ProcessLost

if TYPE_CHECKING:
    from evaluator.experts.switched import Experts
    from evaluator.pipeline import Evaluator
    from evaluator.types import Failure, Report

PICTURES = frozenset(
    (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".heif")
)
"""Endings that are taken for pictures when a folder is walked; a file that is named is always tried."""

FAILED, USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 some failed, 2 bad usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except EvaluatorError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED if isinstance(error, ProcessLost) else USAGE
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader has gone; what Python still holds back for it must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m evaluator",
        description="Score product pictures by the aesthetic standard: five groups, 19 criteria, each 1 to 5.",
        epilog="Exit code: 0 all were scored, 1 some could not be, 2 the command cannot be run as it stands.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    score = commands.add_parser(
        "score",
        help="score pictures and folders of pictures",
        description="Score pictures. Without --out, print a table: score, verdict, weakest criterion, first advice.",
    )
    score.add_argument("paths", nargs="+", metavar="PATH", help="a picture, or a folder that is searched for some")
    score.add_argument(
        "--out", metavar="FILE.jsonl", help="write one JSON line per picture, in order; - for the terminal"
    )
    score.add_argument(
        "--profile",
        default="general",
        metavar="NAME",
        help="the sales channel's rules (default: general; an unknown name lists them)",
    )
    _add_workers(score, "processes of one thread each (default: one a core, up to 4, for 40 pictures or more)")
    _add_experts(score, ("clip", "aesthetic", "sam", "grounding", "device"))
    score.set_defaults(run=_score)
    _add_compare(
        commands.add_parser(
            "compare",
            help="judge a generated picture against its original",
            description="Judge the generated background, and whether the product is still the same. Prints JSON.",
        )
    )
    _add_bench(
        commands.add_parser(
            "bench",
            help="measure the judge itself",
            description="Measure the judge itself; name what to measure it on.",
        )
    )
    return parser


def _add_workers(command: argparse.ArgumentParser, processes: str) -> None:
    one_of = command.add_mutually_exclusive_group()
    one_of.add_argument("--workers", type=_positive, metavar="N", help="threads (default: one a core)")
    one_of.add_argument("--processes", type=_positive, metavar="N", help=processes)


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument("original", metavar="ORIGINAL", help="the product's own picture")
    compare.add_argument("generated", metavar="GENERATED", nargs="?", help="the picture generated from it")
    compare.add_argument("--candidates", metavar="DIR", help="rank this folder's pictures, with the good-image rate")
    compare.add_argument("--out", metavar="FILE", help="write the JSON here; - for the terminal")
    _add_experts(compare, ("sam", "grounding", "blip", "device"))
    compare.set_defaults(run=_compare)


def _add_experts(command: argparse.ArgumentParser, names: Sequence[str]) -> None:
    from evaluator.settings import PREFIX, Settings

    group = command.add_argument_group(
        "pretrained models", f"Off unless named here or by {PREFIX}CLIP and so on; the embedded network needs none."
    )
    for name in names:
        group.add_argument(f"--{name}", metavar="NAME", help=Settings.model_fields[name].description)
    command.set_defaults(switches=tuple(names))


def _experts(options: argparse.Namespace, uses: Collection[str]) -> Experts:
    """Return the pretrained models that are switched on for a use, and say which cannot be had."""
    from evaluator.experts.switched import switch_on
    from evaluator.settings import load_settings

    settings = load_settings({name: getattr(options, name) for name in options.switches})
    found = switch_on(settings, uses)
    for notice in found.notices:
        print(f"warning: {notice}", file=sys.stderr)
    return found


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument(
        "--data",
        metavar="DIR",
        help="a folder of pictures with a ratings.csv (picture, mean score), or the data sets, from which 1,200 "
        "pictures are made that never trained",
    )
    bench.add_argument("--scenes", metavar="DIR", help="rendered scenes, beside the data sets")
    bench.add_argument("--parts", metavar="DIR", help="located parts of people, beside the data sets")
    bench.add_argument(
        "--column", metavar="NAME", default="", help="the column of mean scores, where there are several"
    )
    bench.add_argument("--held", action="store_true", help="of a rated training set, only what never trained")
    for name, help in (
        ("--ladder", "degrade the pictures of these folders in steps and see the scores fall"),
        ("--stability", "see how little the total moves when nothing that matters changes"),
        ("--speed", "time the scoring of these folders' pictures"),
    ):
        bench.add_argument(name, metavar="DIR", nargs="+", help=help)
    bench.add_argument("--kinds", metavar="KIND", nargs="+", help="kinds of faults for --ladder (default: all)")
    bench.add_argument("--every", type=_positive, default=1, metavar="N", help="take every Nth picture")
    bench.add_argument(
        "--side", type=_positive, default=1024, metavar="PX", help="longer side for --speed (default: 1024)"
    )
    bench.add_argument("--out", metavar="FILE.json", help="write the figures here too")
    bench.add_argument("--markdown", metavar="DIR", help="write tables and plots of --data here")
    _add_workers(bench, "processes of one thread each for --ladder, --speed and the data sets")
    bench.set_defaults(run=_bench)


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number over 0")
    return number


def walk(paths: Sequence[str]) -> Iterator[str]:
    """Yield each named file as it stands, and the pictures in each named folder in the order of their names."""
    for path in paths:
        if Path(path).is_dir():
            found = (p for p in Path(path).rglob("*") if p.suffix.lower() in PICTURES and p.is_file())
            yield from (str(p) for p in sorted(found))
        else:
            yield path


def _score(options: argparse.Namespace) -> int:
    from evaluator.batch import processes_for
    from evaluator.experts import switched
    from evaluator.pipeline import Evaluator
    from evaluator.table import show

    judge = Evaluator(options.profile, experts=_experts(options, switched.SCORE))
    paths = list(walk(options.paths))
    if not paths:
        print(
            f"error: no pictures under {', '.join(options.paths)}; name a picture or a folder that holds some.",
            file=sys.stderr,
        )
        return USAGE
    unasked = 1 if options.workers or options.processes else processes_for(len(paths))
    results = (
        _unasked(judge, paths, unasked)
        if unasked > 1
        else judge.score_many(paths, workers=options.workers, processes=options.processes)
    )
    if options.out is None:
        return FAILED if show(results, len(paths), judge.standard) else 0
    if options.out == "-":
        return _write(results, len(paths), sys.stdout)
    try:
        with open(options.out, "w", encoding="utf-8") as file:
            return _write(results, len(paths), file)
    except OSError as error:
        raise FileUnwritable(path=options.out, why=error.strerror) from None


def _unasked(judge: Evaluator, paths: list[str], processes: int) -> Iterator[Report | Failure]:
    """Judge in processes that nobody asked for; where one is lost, as for want of memory, go on in threads."""
    done = 0
    try:
        for result in judge.score_many(paths, processes=processes):
            yield result
            done += 1
    except ProcessLost as error:
        print(f"warning: {error}", file=sys.stderr)
        yield from judge.score_many(paths[done:])


def _write(results: Iterator[Report | Failure], count: int, file: TextIO) -> int:
    from evaluator.report import to_json
    from evaluator.table import progress
    from evaluator.types import Failure

    failed = 0
    for result in progress(results, count):
        file.write(to_json(result) + "\n")
        file.flush()
        failed += isinstance(result, Failure)
    return FAILED if failed else 0


def _compare(options: argparse.Namespace) -> int:
    from evaluator.experts import switched
    from evaluator.pair import command
    from evaluator.pipeline import Evaluator

    if (options.generated is None) == (options.candidates is None):
        print("error: name a generated picture, or a folder of them with --candidates DIR.", file=sys.stderr)
        return USAGE
    judge = Evaluator(experts=_experts(options, switched.COMPARE))
    if options.candidates is None:
        return command.one(options.original, options.generated, options.out, judge.compare)
    paths = list(walk([options.candidates])) if Path(options.candidates).is_dir() else []
    if not paths:
        print(f"error: no pictures in {options.candidates}; name a folder that holds some.", file=sys.stderr)
        return USAGE
    return command.many(options.original, paths, options.out, judge.compare)


def _bench(options: argparse.Namespace) -> int:
    from evaluator.training.benchmark import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
