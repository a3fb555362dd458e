"""Files to take away, a report's and any other; they lie in Gradio's cache, which deletes them with the pictures."""

from __future__ import annotations

import uuid
from pathlib import Path

from gradio.utils import get_upload_folder

from evaluator.errors import Language
from evaluator.report import to_json, to_markdown
from evaluator.types import Report


def json_file(report: Report) -> str:
    """Write the report as JSON and return the file's path."""
    return write(report.path, "report.json", to_json(report, indent=2))


def markdown_file(report: Report, language: Language) -> str:
    """Write the report as Markdown in `language` and return the file's path."""
    return write(report.path, "report.md", to_markdown(report, language))


def write(name: str, ending: str, text: str) -> str:
    """Write a text, named for the picture `name` with `ending` (`report.json`) behind it, and return its path."""
    folder = Path(get_upload_folder()) / uuid.uuid4().hex
    folder.mkdir(parents=True)
    file = folder / f"{Path(name).stem or 'picture'}-{ending}"
    file.write_bytes(text.encode("utf-8", "backslashreplace"))
    return str(file)
