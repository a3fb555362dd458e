"""A report as files to take away; they lie in Gradio's cache, which deletes them with the pictures."""

from __future__ import annotations

import uuid
from pathlib import Path

from gradio.utils import get_upload_folder

from evaluator.errors import Language
from evaluator.report import to_json, to_markdown
from evaluator.types import Report


def json_file(report: Report) -> str:
    """Write the report as JSON and return the file's path."""
    return _write(report, "json", to_json(report, indent=2))


def markdown_file(report: Report, language: Language) -> str:
    """Write the report as Markdown in `language` and return the file's path."""
    return _write(report, "md", to_markdown(report, language))


def _write(report: Report, ending: str, text: str) -> str:
    folder = Path(get_upload_folder()) / uuid.uuid4().hex
    folder.mkdir(parents=True)
    file = folder / f"{Path(report.path).stem or 'picture'}-report.{ending}"
    file.write_text(text, encoding="utf-8")
    return str(file)
