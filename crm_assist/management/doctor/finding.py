"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was found; `todo` is the next thing to do, `blocks` says that nothing works without it."""

    text: str
    todo: str = ""
    blocks: bool = False
    ends: bool = False

    @property
    def mark(self) -> str:
        """How it is marked on the screen."""
        if self.blocks:
            return "TO DO"
        return "note" if self.todo else "ok"


def good(text: str) -> Finding:
    """All is well here."""
    return Finding(text=text)


def note(text: str, todo: str) -> Finding:
    """It works, but not as well as it could."""
    return Finding(text=text, todo=todo)


def block(text: str, todo: str, *, ends: bool = False) -> Finding:
    """It does not work until this is done; with `ends`, looking further makes no sense."""
    return Finding(text=text, todo=todo, blocks=True, ends=ends)
