"""Decisions as a file: streamed, bounded, and only what the person may see anyway."""

from __future__ import annotations

from collections.abc import Iterator

from crm_assist.conf import settings
from crm_assist.flow.errors import require
from crm_assist.flow.review import Filters, decisions
from crm_assist.journal.export import as_csv, as_jsonl
from crm_assist.types import Principal

FORMATS = {"csv": as_csv, "jsonl": as_jsonl}
