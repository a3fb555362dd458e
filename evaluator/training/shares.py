"""Shares of sound pictures that may be flagged, doubted, or read as marked by their generation."""

from __future__ import annotations

FALSE_FLAGS, OF_A_SET = 0.02, 0.04
"""Most that may be flagged, of all and of those of any one set."""
DOUBTED = 0.10
"""Most that may be sent to a person."""
ALARMED, SOFTENED = 0.01, 0.05
"""Most that may count as marked by their generation, and that may look a little drawn anew."""
