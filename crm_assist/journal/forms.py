"""How records become a file, chunk by chunk: CSV and JSON lines as they are, Parquet by way of Arrow.

A chunk is bytes that can be appended, so that an interrupted file is cut back to its last whole chunk and gone on with.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from crm_assist.journal import arrow
from crm_assist.journal.export import csv_lines, csv_rows, json_lines
from crm_assist.journal.views import Record, View


class UnknownForm(ValueError):
    """No file has this form; the message tells those that there are."""


class Csv:
    """For spreadsheets and anything else: a header, then a line for each record; no text is a formula."""

    copies = True
    safe = True

    def head(self, view: View) -> bytes:
        """The header."""
        return "".join(csv_lines(view.cells, [])).encode()

    def body(self, view: View, records: Iterable[Record]) -> bytes:
        """The lines of some records."""
        return "".join(csv_rows(view.cells, records)).encode()

    def copied(self, view: View, lines: bytes) -> bytes:
        """The lines that COPY gave."""
        return lines

    def finish(self, view: View, part: Path, whole: Path) -> None:
        """The part is whole."""
        os.replace(part, whole)


class JsonLines(Csv):
    """For programs: an object for each record, nothing altered."""

    copies = False

    def head(self, view: View) -> bytes:
        """Nothing."""
        return b""

    def body(self, view: View, records: Iterable[Record]) -> bytes:
        """The lines of some records."""
        return "".join(json_lines(view.names, records)).encode()


class Parquet(Csv):
    """For data frames: typed columns, moments in UTC without a zone; needs the extra [parquet]."""

    safe = False

    def head(self, view: View) -> bytes:
        """Nothing; ImproperlyConfigured when pyarrow is missing, before anything is written."""
        arrow.require()
        return b""

    def body(self, view: View, records: Iterable[Record]) -> bytes:
        """The records as one Arrow stream."""
        return arrow.stream(arrow.table(view, records))

    def copied(self, view: View, lines: bytes) -> bytes:
        """The lines that COPY gave as one Arrow stream."""
        return arrow.stream(arrow.read_csv(view, lines))

    def finish(self, view: View, part: Path, whole: Path) -> None:
        """The streams one after another become row groups; the part goes last, so that a crash here is gone on with."""
        beside = whole.with_name(whole.name + ".parquet")
        arrow.write_parquet(view, part, beside)
        os.replace(beside, whole)
        part.unlink()


FORMS: Mapping[str, Csv] = {"csv": Csv(), "jsonl": JsonLines(), "parquet": Parquet()}


def form_named(name: str) -> Csv:
    """The form of that name, or UnknownForm."""
    if name not in FORMS:
        raise UnknownForm(f"format {name!r}: there is none of that name; use one of {', '.join(FORMS)}.")
    return FORMS[name]
