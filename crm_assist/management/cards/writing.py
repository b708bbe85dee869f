"""A file that is either there whole or not there at all."""

from __future__ import annotations

import os
from pathlib import Path


class NotWritable(OSError):
    """The file cannot be written; the message names it and the remedy."""


def checked_place(path: Path) -> Path:
    """The path, or NotWritable: asked before the work whose result is to lie there."""
    if path.is_dir() or not path.parent.is_dir():
        raise NotWritable(f"{path} cannot be written: name a file in a folder that exists.")
    if not os.access(path.parent, os.W_OK):
        raise NotWritable(f"{path} cannot be written: the folder is closed to you; name another.")
    return path


def write_whole(path: Path, text: str) -> None:
    """Write the text in place of what was there; a failure or an interruption leaves that as it was."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
