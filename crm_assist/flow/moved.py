"""What moved in the world since a card learned: told in words, and kept by the log with the version that came next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

TEMPLATES: Mapping[str, str] = {
    "shares": gettext_noop(
        "“%(feature)s” has moved since version %(version)s learned: its stability index is %(value)s, above 0.25."
    ),
    "rate": gettext_noop(
        "The outcome has moved since version %(version)s learned: its odds are %(value)s times those that the card "
        "foretells for these customers."
    ),
}
"""One sentence for each kind of sign."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedSign:
    """One sign that the world moved: `shares` of a feature with its stability index, or the `rate` with its odds."""

    kind: str
    value: float
    feature: str = ""

    @property
    def key(self) -> str:
        """What it is about in short: `shares:balance`, or `rate`."""
        return f"{self.kind}:{self.feature}" if self.feature else self.kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What moved since a version learned, on how many rows; without a sign nothing did, beyond chance."""

    version: int
    rows: int
    signs: tuple[MovedSign, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """A sentence for each sign, in the language in force."""
        return tuple(_(TEMPLATES[sign.kind]) % self._values(sign) for sign in self.signs)

    def plain(self) -> dict[str, Any]:
        """What moved as the log keeps it."""
        return asdict(self)

    def _values(self, sign: MovedSign) -> dict[str, Any]:
        value = number_format(round(sign.value, 2), 2, use_l10n=True)
        return {"feature": sign.feature, "version": self.version, "value": value}


def moved_in(logged: Mapping[str, Any]) -> Moved | None:
    """What had moved, among what was logged with a version."""
    told = logged.get("moved")
    if not told:
        return None
    return Moved(version=told["version"], rows=told["rows"], signs=tuple(MovedSign(**sign) for sign in told["signs"]))
