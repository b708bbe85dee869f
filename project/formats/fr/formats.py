"""Dates as the bank writes them in French, on its own pages and on those of its guests."""

from __future__ import annotations

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j N Y, H:i"
