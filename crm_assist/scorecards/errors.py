"""The one error of this room, so that callers catch one name whatever was wrong with a card or a value."""

from __future__ import annotations


class CardError(ValueError):
    """A card, or a value given to one, cannot be used; the message names field, value and remedy."""


def shown(value: object, limit: int = 60) -> str:
    """Return `value` as it may stand in an error message: its repr, cut at `limit` characters."""
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + " (cut)"
