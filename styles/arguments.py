"""What the command line takes: `search`, `add`, `rename`, `remove`, `list`, `brand` and the rest."""

from __future__ import annotations

import argparse
from pathlib import Path

ENCODERS = (
    "descriptor, network, an open_clip model (MODEL:PRETRAINED), or descriptor+ one (default: descriptor+network)"
)


def build() -> argparse.ArgumentParser:
    """Return the parser; `command` of what it parses names the command."""
    parser = argparse.ArgumentParser("python -m styles", description="Find the style that fits a brand.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where your own styles and brands are kept")
    parser.add_argument("--library", type=Path, metavar="DIR", help="another library than the packaged one")
    parser.add_argument("--encoder", metavar="NAME", help=ENCODERS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _search_options(commands.add_parser("search", help="find styles by words, pictures, colours, brand"))
    add = commands.add_parser("add", help="add a style of your own from pictures or a folder")
    add.add_argument("paths", nargs="+", metavar="DIR_OR_IMAGE")
    add.add_argument("--name", required=True, metavar="N")
    add.add_argument("--name-zh", metavar="N", help="its name in Chinese")
    add.add_argument("--words", default="", metavar="A,B", help="words to find it by, with commas")
    add.add_argument("--force", action="store_true", help="add it even where it looks like another")
    add.add_argument("--no-score", action="store_true", help="do not judge how good it looks")
    add.set_defaults(command="add")
    rename = commands.add_parser("rename", help="give one of your styles another name")
    rename.add_argument("id", metavar="ID")
    rename.add_argument("--name", required=True, metavar="N")
    rename.add_argument("--name-zh", metavar="N")
    rename.set_defaults(command="rename")
    remove = commands.add_parser("remove", help="delete one of your styles")
    remove.add_argument("id", metavar="ID")
    remove.set_defaults(command="remove")
    listing = commands.add_parser("list", help="list all styles")
    listing.add_argument("--own", action="store_true", help="only your own")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(command="list")
    _brand_options(commands.add_parser("brand", help="save, list, judge by, and delete brands"))
    evaluation = commands.add_parser("eval", help="measure the search on the library")
    evaluation.add_argument("--json", action="store_true")
    evaluation.set_defaults(command="eval")
    rating = commands.add_parser("rate", help="fill the aesthetic score of the library's cards")
    rating.add_argument("ids", nargs="*", metavar="ID", help="only these styles")
    rating.set_defaults(command="rate")
    export = commands.add_parser("export", help="write your own styles to a zip file")
    export.add_argument("file", type=Path, metavar="FILE.zip")
    export.add_argument("ids", nargs="*", metavar="ID", help="only these styles")
    export.set_defaults(command="export")
    importing = commands.add_parser("import", help="add the styles of a zip file")
    importing.add_argument("file", type=Path, metavar="FILE.zip")
    importing.set_defaults(command="import")
    bench = commands.add_parser("bench", help="measure the vector index on synthetic vectors")
    bench.add_argument("--count", type=_positive, default=100_000, metavar="N")
    bench.add_argument("--dimension", type=_positive, default=256, metavar="D")
    bench.set_defaults(command="bench")
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
    search.set_defaults(command="search")


def _brand_options(brand: argparse.ArgumentParser) -> None:
    actions = brand.add_subparsers(required=True, metavar="ACTION")
    save = actions.add_parser("save", help="learn a brand from 3–30 pictures, colours and words")
    save.add_argument("name", metavar="NAME")
    save.add_argument("paths", nargs="*", metavar="DIR_OR_IMAGE")
    save.add_argument("--colour", "--color", nargs="+", action="extend", default=[], metavar="#HEX")
    save.add_argument("--words", default="", metavar="A,B", help="words for it, with commas")
    save.add_argument("--replace", action="store_true", help="overwrite a brand of that name")
    save.set_defaults(command="brand_save")
    fit = actions.add_parser("fit", help="how on-brand pictures are, and what deviates")
    fit.add_argument("name", metavar="NAME")
    fit.add_argument("paths", nargs="+", metavar="DIR_OR_IMAGE")
    fit.add_argument("--json", action="store_true")
    fit.set_defaults(command="brand_fit")
    listing = actions.add_parser("list", help="list the brands")
    listing.set_defaults(command="brand_list")
    remove = actions.add_parser("remove", help="delete a brand")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(command="brand_remove")


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number over 0")
    return number
