"""Contact sheets: all pictures of a kind side by side, with their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from .textures import font


def contact_sheet(files: Sequence[Path], tile: int = 300, columns: int = 4) -> Image.Image:
    """Pictures in rows, each with its folder's name below; missing ones are left grey."""
    rows = -(-len(files) // columns)
    sheet = Image.new("RGB", (columns * tile, rows * (tile + 18)), "#DDDDDD")
    draw = ImageDraw.Draw(sheet)
    for i, path in enumerate(files):
        x, y = i % columns * tile, i // columns * (tile + 18)
        if path.is_file():
            with Image.open(path) as picture:
                sheet.paste(picture.convert("RGB").resize((tile, tile), Image.Resampling.LANCZOS), (x, y))
        draw.text((x + 4, y + tile + 2), f"{path.parent.name} {path.stem}", font=font("sans", 12), fill="#222222")
    return sheet
