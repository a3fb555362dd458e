"""Results as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from styles.brand import Brand, BrandFit
from styles.eval import Result
from styles.types import Hit, Style


def hits(console: Console, found: Sequence[Hit]) -> None:
    """Print what was found."""
    if not found:
        console.print("Nothing in the library answers this; try other words, a picture or a colour.")
        return
    table = Table("#", "Style", "Family", "Fit", "Looks", "Score", "Why")
    for number, hit in enumerate(found, 1):
        name = f"{hit.style.card.name.en} · {hit.style.card.name.zh}\n[dim]{hit.style.id}"
        looks = "–" if hit.aesthetic is None else f"{hit.aesthetic:.1f}"
        table.add_row(str(number), name, hit.style.card.family, f"{hit.fit:.2f}", looks, f"{hit.score:.2f}", hit.why)
    console.print(table)


def styles(console: Console, found: Sequence[Style]) -> None:
    """Print a list of styles."""
    table = Table("Id", "Name", "名称", "Family", "Looks", "Pictures", "Own")
    for style in found:
        card = style.card
        looks = f"{card.aesthetic.score:.2f}" if card.aesthetic else "–"
        row = (style.id, card.name.en, card.name.zh, card.family, looks, str(len(card.heroes)))
        table.add_row(*row, "yes" if style.own else "")
    console.print(table)


def brands(console: Console, found: Sequence[Brand]) -> None:
    """Print a list of brands."""
    table = Table("Brand", "Pictures", "Spread", "Palette", "Words")
    for brand in found:
        swatches = " ".join(f"[on {swatch.hex}]  [/] {swatch.hex}" for swatch in brand.palette[:4])
        table.add_row(brand.name, str(len(brand.pictures)), f"{brand.spread:.2f}", swatches, ", ".join(brand.words))
    console.print(table)


def brand_fits(console: Console, fits: Mapping[str, BrandFit]) -> None:
    """Print how on-brand pictures are."""
    table = Table("Picture", "On brand", "Palette", "Tone", "Texture", "Light", "What deviates")
    for name, fit in fits.items():
        aspects = [
            f"{fit.aspects[a]:.0f}" if a in fit.aspects else "–" for a in ("palette", "tone", "texture", "light")
        ]
        table.add_row(name, f"{fit.score:.0f}", *aspects, "\n".join(each.en for each in fit.deviations))
    console.print(table)


def evaluation(console: Console, result: Result) -> None:
    """Print the figures of an evaluation against what they must hold."""
    table = Table("Figure", "Value", "Must hold")
    table.add_row("encoder", result.encoder, "")
    table.add_row("styles / heroes", f"{result.styles} / {result.heroes}", "≥ 48 styles")
    rows = (
        ("leave-one-out: same style first", result.leave_one_out, "{:.1%}", "≥ 60 %"),
        ("likeness, strangers (median)", result.unrelated, "{:.3f}", ""),
        ("likeness, same style (median)", result.same_style, "{:.3f}", ""),
        (f"MRR of {result.queries} queries", result.mrr, "{:.3f}", "≥ 0.6"),
        *((f"MRR {name}", value, "{:.3f}", "") for name, value in result.mrr_by_language.items()),
        ("palette queries: mean ΔE2000", result.palette_delta_e, "{:.1f}", "≤ 12"),
        ("aesthetic, least", result.aesthetic_min, "{:.2f}", "≥ 3.0"),
        ("aesthetic, mean", result.aesthetic_mean, "{:.2f}", "≥ 3.8"),
    )
    for name, value, form, target in rows:
        table.add_row(name, "–" if value is None else form.format(value), target)
    table.add_row("styles judged", str(result.judged), "all")
    table.add_row("near-duplicates", str(result.duplicates), "0")
    console.print(table)
    if result.skipped:
        console.print(f"{result.skipped} queries were skipped: the library lacks the styles that they ask for.")
    for miss in result.misses:
        wanted = ", ".join(miss.find)
        console.print(f"rank {miss.rank}: {miss.text!r} wanted {wanted}, found {miss.first}", highlight=False)
    for one, two, likeness in result.nearest_pairs[:5]:
        console.print(f"nearest: {one} and {two}, {likeness:.3f}", highlight=False)
