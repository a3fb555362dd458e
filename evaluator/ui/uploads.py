"""Files as Gradio's page sends them, and what a reader is told where one cannot be judged."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from evaluator.errors import EvaluatorError, Internal

LOG = logging.getLogger(__name__)

Upload = Mapping[str, Any]
"""A file as Gradio's page sends it: `path` on this server, `orig_name` and more."""


def file_of(upload: Upload | None) -> str:
    """Return an upload's path, "" where there is none."""
    return str(upload["path"]) if upload else ""


def told(error: Exception, name: str) -> EvaluatorError:
    """Return an error that befell the file of a name as one with a sentence for its reader.

    A fault of ours goes to the log, not to the page.
    """
    if isinstance(error, EvaluatorError):
        return error
    LOG.error("%s could not be judged", name, exc_info=error)
    return Internal(name=name, why=type(error).__name__)
