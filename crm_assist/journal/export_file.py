"""A view of the log written to a file, chunk by chunk, so that a crash at any moment loses no line and doubles none.

The file grows as FILE.part; after each chunk that is safe on the disk FILE.cursor says so. Whoever goes on cuts the
part back to what the cursor knows and takes the log from there, up to the same end. Only the whole file gets its name.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from crm_assist.journal import cursors
from crm_assist.journal.copying import Lines, can_copy, places
from crm_assist.journal.cursors import CannotWrite, Cursor, cursor_of, part_of
from crm_assist.journal.forms import Csv, form_named
from crm_assist.journal.order import Mark
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import Selection, read_mark, select, written
from crm_assist.journal.views import View, view_named

try:
    import fcntl
except ImportError:  # not on Windows, where nothing keeps two of them apart
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What to take out: which view in which form, of whom and when; customers and agents in clear or not."""

    view: str
    form: str = "csv"
    tenant: str = ""
    since: datetime | Mark | None = None
    until: datetime | None = None
    clear: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Some rows on their way: up to which mark, how many, what they became, and what of it is in quarantine."""

    upto: Mark | None
    rows: int
    records: int
    body: bytes
    quarantined: Mapping[str, int] = field(default_factory=dict)


def write_file(question: Question, path: Path, *, resume: bool = False) -> Iterator[Cursor]:
    """Write the file, telling how far at the start and after each chunk; the file has its name once this is exhausted.

    CannotWrite when it is there already, is being written, or cannot be gone on with; BadMark, UnknownView, UnknownForm
    and ImproperlyConfigured before anything is written.
    """
    view, form, names = view_named(question.view), form_named(question.form), Names(clear=question.clear)
    since = question.since
    marked, start = (since, None) if isinstance(since, tuple) else (None, since)
    selection = select(view.model, tenant=question.tenant, after=marked, since=start, until=question.until)
    head = form.head(view)
    cursor = _asked(question, selection, names)
    if resume:
        kept = cursors.kept(path)
        kept.agree(cursor, path)
        cursor = kept
        if path.exists() and not part_of(path).exists():
            cursor_of(path).unlink()  # the crash came after the file had got its name
            yield cursor
            return
    if path.exists():
        raise CannotWrite(f"{path} exists already; name another file, or delete it.")
    with _part(path, cursor, head, resume=resume) as part:
        if not resume:
            cursor = replace(cursor, size=len(head), total=selection.count())
            cursors.keep(cursor, path)
        yield cursor
        taken = replace(selection, after=_mark(cursor.after), upto=_mark(cursor.upto))
        for chunk in _chunks(view, form, taken, names):
            cursor = _append(part, chunk, cursor)
            cursors.keep(cursor, path)
            yield cursor
        form.finish(view, part_of(path), path)
    cursor_of(path).unlink()


def _asked(question: Question, selection: Selection, names: Names) -> Cursor:
    since = question.since
    return Cursor(
        view=question.view,
        form=question.form,
        tenant=question.tenant,
        since=written(since) if isinstance(since, tuple) else since.isoformat() if since else "",
        until=question.until.isoformat() if question.until else "",
        names=names.mark or "in clear",
        upto=written(selection.upto),
        after=written(selection.after),
        total=0,
    )


def _mark(text: str) -> Mark | None:
    return read_mark(text) if text else None


def _part(path: Path, cursor: Cursor, head: bytes, *, resume: bool) -> BinaryIO:
    """The part, open at the place where the next chunk goes, and held by this process."""
    part = part_of(path)
    if not resume and part.exists():
        raise CannotWrite(
            f"{part} exists: an export was interrupted or is under way; --resume goes on with it, or delete it."
        )
    try:
        file = part.open("r+b") if resume else cursors.private(part)
    except OSError as error:
        raise CannotWrite(f"{part} cannot be written: {error.strerror or error}.") from error
    try:
        _hold(file, part)
        if not resume:
            file.write(head)
        elif part.stat().st_size < cursor.size:
            raise CannotWrite(f"{part} is shorter than its cursor says; delete both and begin anew.")
        else:
            file.truncate(cursor.size)
            file.seek(cursor.size)
    except BaseException:
        file.close()
        raise
    return file


def _hold(file: BinaryIO, part: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CannotWrite(f"{part} is being written by another process.") from error


def _append(part: BinaryIO, chunk: Chunk, cursor: Cursor) -> Cursor:
    part.write(chunk.body)
    part.flush()
    os.fsync(part.fileno())
    return replace(
        cursor,
        after=written(chunk.upto),
        size=cursor.size + len(chunk.body),
        rows=cursor.rows + chunk.rows,
        records=cursor.records + chunk.records,
        quarantined=dict(Counter(cursor.quarantined) + Counter(chunk.quarantined)),
    )


def _chunks(view: View, form: Csv, selection: Selection, names: Names) -> Iterator[Chunk]:
    if form.copies and can_copy(view, selection.using):
        lines = Lines(view=view, selection=selection, names=names, safe=form.safe)
        for after, upto in places(selection, view.rows):
            piece = lines.between(after, upto)
            yield Chunk(upto=upto, rows=piece.rows, records=piece.rows, body=form.copied(view, piece.text))
        return
    after = selection.after
    while rows := selection.take(after, view.rows, view.related):
        after = selection.place_of(rows[-1])
        records = list(view.records(rows, names))
        causes = [record[view.quarantine] for record in records] if view.quarantine else list[str]()
        yield Chunk(
            upto=after,
            rows=len(rows),
            records=len(records),
            body=form.body(view, records),
            quarantined=Counter(cause for cause in causes if cause),
        )
