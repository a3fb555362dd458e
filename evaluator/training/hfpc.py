"""Brings in the published HFPC labels (arXiv 2412.17504): what they hold, and their pictures, for who may fetch them.

The published files hold addresses and labels alone. The pictures belong to others: fetch them only where you may.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evaluator.table import progress
from evaluator.training.addresses import Gate
from evaluator.training.downloads import Downloader, Pace, Store
from evaluator.training.labelled import LabelledPair, read_labels, write_table

PAIRS = "pairs.csv"
"""The table of pairs whose pictures are both there, in the folder of the pictures."""
NAMED = 10
"""Most failures that are named on the terminal; the manifest has all."""
FAILED, STOPPED = 1, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a published label file (.jsonl)")
    parser.add_argument(
        "--fetch",
        type=Path,
        metavar="DIR",
        help=f"fetch the pictures into this folder, where {PAIRS} then lists the pairs; run again to go on",
    )
    parser.add_argument(
        "--per-second", type=_rate, default=Pace().per_second, metavar="N", help="most requests a second (default: 4)"
    )
    parser.add_argument("--most", type=int, metavar="N", help="fetch the pictures of the first N pairs alone")


def _rate(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= 50:
        raise argparse.ArgumentTypeError(f"{text!r} is no number over 0 and up to 50")
    return found


def run(options: argparse.Namespace) -> int:
    """Read the published HFPC labels and show what they hold; fetch their pictures where a folder is named."""
    console = Console()
    sets = {path.name: read_labels(path) for path in options.files}
    console.print(statistics(sets))
    if options.fetch is None:
        return 0
    pairs = [pair for each in sets.values() for pair in each][: options.most]
    return fetch(pairs, options.fetch, replace(Pace(), per_second=options.per_second), Gate(), console)


def statistics(sets: Mapping[str, Sequence[LabelledPair]]) -> Table:
    """Return a table of the sets of pairs by name: pairs, originals, good ones, base rate, pictures to fetch."""
    table = Table("labels", *(f"{name}" for name in ("pairs", "originals", "per original", "good", "base rate")))
    table.add_column("pictures")
    rows = [*sets.items()]
    if len(sets) > 1:
        rows.append(("all", [pair for pairs in sets.values() for pair in pairs]))
    for name, pairs in rows:
        good = sum(pair.label for pair in pairs)
        originals = Counter(pair.origin for pair in pairs)
        figures = (len(pairs), len(originals), f"{len(pairs) / len(originals):.1f}", good, f"{good / len(pairs):.1%}")
        table.add_row(name, *map(str, figures), str(len(addresses(pairs))))
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def addresses(pairs: Sequence[LabelledPair]) -> list[str]:
    """Return each picture's address once, those of a pair beside each other so that a part of them is of use."""
    return list(dict.fromkeys(address for pair in pairs for address in (pair.origin, pair.generation)))


def fetch(pairs: Sequence[LabelledPair], folder: Path, pace: Pace, gate: Gate, console: Console) -> int:
    """Fetch the pictures of pairs into a folder and list there the pairs that are whole; return the exit code.

    What is there already is not asked again. Ctrl-C stops between two pictures, with all that came kept.
    """
    store = Store(folder)
    wanted = addresses(pairs)
    left = [address for address in wanted if not store.done(address)]
    console.print(f"{len(wanted) - len(left)} of {len(wanted)} pictures are settled; {len(left)} to ask for.")
    stopped = False
    try:
        with Downloader(store, pace, gate) as downloader:
            for _ in progress(downloader.run(left), len(left), "fetching"):
                pass
    except KeyboardInterrupt:
        stopped = True
    whole = local(pairs, store)
    write_table(whole, folder / PAIRS)
    failed = [found for address in wanted if (found := store.known.get(address)) and found.error]
    for found in failed[:NAMED]:
        console.print(f"not fetched: {found.address}: {found.error}", markup=False, highlight=False, soft_wrap=True)
    if len(failed) > NAMED:
        console.print(f"and {len(failed) - NAMED} more; {store.manifest} has them all.")
    console.print(f"{len(whole)} of {len(pairs)} pairs are whole; {folder / PAIRS} lists them.", soft_wrap=True)
    if stopped:
        console.print("Stopped; run the same command again to go on.")
        return STOPPED
    return FAILED if failed else 0


def local(pairs: Sequence[LabelledPair], store: Store) -> list[LabelledPair]:
    """Return the pairs of which both pictures were fetched, as paths relative to the store's folder."""
    found = []
    for pair in pairs:
        files = store.file(pair.origin), store.file(pair.generation)
        if files[0] and files[1]:
            paths = [file.relative_to(store.folder).as_posix() for file in files if file]
            found.append(LabelledPair(paths[0], paths[1], pair.label))
    return found
