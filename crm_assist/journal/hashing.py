"""What is hashed: a row's columns, and a seal's head and entries. Anyone can compute it again.

A row's text is the canonical JSON of `[model label, {column: value}]` without `tx`, which belongs to
the server and not to the row, and without empty columns (NULL or ""). Hence a column that is added
later and is empty in old rows changes no old hash; a column that is renamed or filled does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_assist.journal.canonical import canonical, digest_of
from crm_assist.journal.models import LogRow, Seal


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row as a seal holds it."""

    label: str
    row_id: UUID
    hash: str


def hashed_columns(model: type[LogRow]) -> list[str]:
    """The columns that a row's hash covers: every one but `tx`."""
    return [field.attname for field in model._meta.concrete_fields if field.attname != "tx"]


def hash_of(label: str, values: Mapping[str, Any]) -> str:
    """The hash of a row given as values by column; a `tx` among them is passed over."""
    kept = {column: value for column, value in values.items() if value not in (None, "") and column != "tx"}
    return digest_of(canonical([label, kept]))


def row_hash(row: LogRow) -> str:
    """The hash of a row."""
    columns = hashed_columns(type(row))
    return hash_of(row._meta.label_lower, {column: getattr(row, column) for column in columns})


def seal_hash(seal: Seal) -> str:
    """The hash that links a seal to the one before it: of the previous hash, the head and the entries."""
    names = ("tenant", "sequence", "at", "low", "high", "rows")
    head = canonical({name: getattr(seal, name) for name in names})
    return digest_of(f"{seal.previous}{head}{seal.entries}")


def dump_entries(entries: list[Entry]) -> str:
    """The entries of a seal as text: `[[label, id, hash], ..]` in the order of the seal."""
    return canonical([[entry.label, entry.row_id.hex, entry.hash] for entry in entries])


def parse_entries(text: str) -> list[Entry] | None:
    """The entries of a seal; None when the text was damaged."""
    try:
        return [Entry(label=label, row_id=UUID(row_id), hash=digest) for label, row_id, digest in json.loads(text)]
    except (ValueError, TypeError, AttributeError):
        return None
