"""How far an export to a file has come, kept beside it, so that after a crash it goes on from its last whole chunk."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import BinaryIO


class CannotWrite(ValueError):
    """The file cannot be written, or not gone on with; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """What was asked, up to where the log is taken, and what of it is safe in the part."""

    view: str
    form: str
    tenant: str
    since: str
    until: str
    names: str
    upto: str
    after: str
    total: int
    size: int = 0
    rows: int = 0
    records: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)

    def agree(self, other: Cursor, path: Path) -> None:
        """CannotWrite unless both are the same question, with the same key of the names."""
        for name in ("view", "form", "tenant", "since", "until", "names"):
            then, now = getattr(self, name), getattr(other, name)
            if then != now:
                told = "the key of the pseudonyms or --names" if name == "names" else ASKED[name]
                raise CannotWrite(
                    f"{path}: the interrupted export was asked with another {told} ({then!r}, now {now!r}); "
                    f"ask the same again, or delete {part_of(path)} and begin anew."
                )


ASKED = {"view": "--view", "form": "--format", "tenant": "--tenant", "since": "--since", "until": "--until"}


def part_of(path: Path) -> Path:
    """Where the file grows until it is whole."""
    return path.with_name(path.name + ".part")


def cursor_of(path: Path) -> Path:
    """Where its cursor is kept meanwhile."""
    return path.with_name(path.name + ".cursor")


def keep(cursor: Cursor, path: Path) -> None:
    """Put the cursor in the place of the one before, both on the disk or neither."""
    fresh = path.with_name(path.name + ".cursor.new")
    with private(fresh) as file:
        file.write(json.dumps(asdict(cursor)).encode())
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, cursor_of(path))


def kept(path: Path) -> Cursor:
    """The cursor of an interrupted export; CannotWrite when there is none that can be read."""
    names = {one.name for one in fields(Cursor)}
    try:
        found = json.loads(cursor_of(path).read_text())
        return Cursor(**{name: value for name, value in found.items() if name in names})
    except FileNotFoundError:
        raise CannotWrite(f"{path}: no interrupted export is there to go on with; leave out --resume.") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise CannotWrite(
            f"{cursor_of(path)} cannot be read; delete it and {part_of(path)}, and begin anew."
        ) from error


def private(path: Path) -> BinaryIO:
    """A new file, open for writing, that nobody else may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
