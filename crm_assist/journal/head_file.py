"""The file that heads are kept in, one line each: only ever appended to, by one process at a time, and flushed to disk.

A line that was cut off in writing (a full disk, a lost machine) is not removed, for the file may lie where nothing can
be: the next line says that it met one. Read in bounded memory, whatever the file holds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import FileIO
from pathlib import Path

from django.core.files import locks

from crm_assist.journal.heads import BadHead, Head, keys, parsed, signed

LONGEST = 4_096
"""A longer line is no head."""
TAIL = 65_536
"""How far back the last head of a tenant is looked for before it is written once more."""

Fresh = Callable[[Mapping[str, int]], list[Head]]
"""The heads to write, given the number of each tenant's last one in the file."""


class HeadFileError(RuntimeError):
    """Heads cannot be written or read there; says where, why and what to do."""


def append(path: Path, fresh: Fresh) -> list[Head]:
    """Write what `fresh` gives behind the last line, each with the signature of the one before; all of it on disk.

    `fresh` is called by one process at a time, so that no older head can come behind a newer one.
    """
    key = keys()[0]
    with _locked(path) as file:
        whole, last = _tail(file)
        previous, torn, lines, written = last, not whole, [], []
        for head in fresh(_numbers(file)):
            full = replace(head, previous=previous, torn=torn)
            lines.append(signed(full, key))
            written.append(full)
            previous, torn = parsed(lines[-1])["signature"], False
        if lines:
            text = "".join(f"{line}\n" for line in lines)
            _write(file, ("" if whole else "\n") + text, path)
    return written


def lines(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Number and text of each line, and whether it has an end; one that is far too long comes cut, and is no head."""
    try:
        with path.open("rb") as file:
            number = 0
            while piece := file.readline(LONGEST):
                text, number = piece, number + 1
                while piece and not piece.endswith(b"\n"):
                    piece = file.readline(LONGEST)
                yield number, text.decode("utf-8", "replace").rstrip("\n"), bool(piece)
    except OSError as error:
        raise _refused(path, error) from error


@contextmanager
def _locked(path: Path) -> Iterator[FileIO]:
    is_new = not path.exists()
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    except OSError as error:
        raise _refused(path, error) from error
    with open(descriptor, "r+b", buffering=0) as file:
        locks.lock(file, locks.LOCK_EX)
        try:
            yield file
        finally:
            locks.unlock(file)
    if is_new:
        _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    """A file whose folder was not flushed may be gone after a crash; where folders cannot be, the system does it."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _tail(file: FileIO) -> tuple[bool, str]:
    """Whether the file ends with a whole line, and the signature of the last line that has one."""
    pieces = _last_pieces(file)
    whole = not pieces or pieces[-1] == ""
    for piece in reversed(pieces):
        with suppress(BadHead):
            return whole, str(parsed(piece)["signature"])
    return whole, ""


def _numbers(file: FileIO) -> dict[str, int]:
    """The number of each tenant's last head, as far as the end of the file has one."""
    found: dict[str, int] = {}
    for piece in _last_pieces(file):
        with suppress(BadHead):
            head = parsed(piece)
            found[head["tenant"]] = head["sequence"]
    return found


def _last_pieces(file: FileIO) -> list[str]:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    text = b""
    # What has no end of its own, such as a device, is read no further than it claims to be long.
    while (left := min(size, TAIL) - len(text)) > 0 and (piece := file.read(left)):
        text += piece
    return text.decode("utf-8", "replace").split("\n") if text else []


def _write(file: FileIO, text: str, path: Path) -> None:
    left = memoryview(text.encode())
    try:
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> HeadFileError:
    return HeadFileError(
        f"{path}: {error.strerror or error}. Name a file (CRM_ASSIST['HEAD_FILE'] or --head) in a folder that exists, "
        "which this process may read and append to."
    )
