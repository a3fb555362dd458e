"""The named endpoints of the styles: JSON for other programs, errors as their English sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import gradio as gr

from styles.errors import StyleError
from styles.types import Query
from styles.ui.exploring import FOUND, LOOKS, Door
from styles.ui.uploads import Upload, paths, words
from styles.ui.words import texts

Json = dict[str, object]


@dataclass(frozen=True)
class Answers:
    """The endpoints over a finder that is opened on first use."""

    door: Door

    def search_styles(
        self,
        text: str,
        pictures: Sequence[Upload] | None = None,
        colours: str = "",
        brand: str = "",
        k: float = FOUND,
        aesthetic: float = LOOKS,
    ) -> list[Json]:
        """Return the styles found, best first; colours are written with commas. Raises: gr.Error."""
        try:
            query = Query(
                text=text or "",
                pictures=paths(pictures),
                colours=tuple(words(colours or "")),
                brand=brand or None,
                k=int(k),
                aesthetic=float(aesthetic),
            )
            return [hit.row() for hit in self.door().search(query)]
        except StyleError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def style(self, id: str) -> Json:
        """Return a style's card. Raises: gr.Error."""
        try:
            return {**self.door().get(id).card.model_dump(mode="json")}
        except StyleError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def brand_fit(self, brand: str, picture: Upload | None) -> Json:
        """Return how on-brand a picture is, 0–100, and what deviates. Raises: gr.Error."""
        try:
            files = paths(picture)
            if not files:
                raise gr.Error(texts()["problem.no_picture"]["en"], print_exception=False)
            return {**asdict(self.door().brand_fit(brand, files[0]))}
        except StyleError as error:
            raise gr.Error(str(error), print_exception=False) from None
