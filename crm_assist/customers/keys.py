"""One text for every kind of key: how it is written, read back and copied into typed columns."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Field, Model

LONGEST = 255
"""The most characters a key may have: the width of `Subject.key`."""

BIGGEST = 2**63 - 1


class BadKey(ValueError):
    """The text cannot be a key of this model."""


def key_field_of(model: type[Model], name: str | None) -> Field[Any, Any]:
    """The field that holds the key: the named one, or the primary key behind any parent links."""
    field: Any = model._meta.get_field(name) if name else model._meta.pk
    while getattr(field, "remote_field", None) is not None:
        field = field.target_field
    return field  # type: ignore[no-any-return]


def text_of(field: Any, value: Any) -> str:
    """The one text that stands for a value of the key field; a composite key becomes a JSON list of texts."""
    if value is None or (field_names(field) and None in value):
        raise BadKey("a customer that is not saved yet has no key; save it first.")
    if field_names(field):
        parts = [text_of(part, item) for part, item in zip(field.fields, value, strict=True)]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return str(field.to_python(value))


def value_of(field: Any, text: str) -> Any:
    """The value that a text stands for, or BadKey; only the exact text that `text_of` writes is taken."""
    if not isinstance(text, str) or not text or len(text) > LONGEST or "\x00" in text:
        raise BadKey(f"{text!r:.80} cannot be a key: give 1 to {LONGEST} characters.")
    try:
        text.encode()
        value = _composite(field, text) if field_names(field) else field.to_python(text)
        exact = text_of(field, value) == text
    except (ValidationError, ValueError, TypeError, ArithmeticError) as error:
        raise BadKey(f"{text!r:.80} cannot be read as a key of {field.model._meta.label}.") from error
    if not exact or (isinstance(value, int) and not fits(value)):
        raise BadKey(f"{text!r:.80} is not how a key of {field.model._meta.label} is written.")
    return value


def _composite(field: Any, text: str) -> tuple[Any, ...]:
    parts = json.loads(text)
    if not isinstance(parts, list):
        raise BadKey("a composite key is a JSON list of texts.")
    return tuple(value_of(part, item) for part, item in zip(field.fields, parts, strict=True))


def fits(value: int) -> bool:
    """Whether a database's widest whole number holds it; SQLite raises on any larger one."""
    return -BIGGEST - 1 <= value <= BIGGEST


def field_names(field: Any) -> tuple[str, ...]:
    """The names of the parts of a composite primary key; nothing for any other field."""
    return tuple(getattr(field, "field_names", ()))


def typed(value: Any) -> dict[str, Any]:
    """The typed copies of a key, for joins without text casts; None where the type does not fit."""
    whole = isinstance(value, int) and not isinstance(value, bool) and fits(value)
    return {"key_int": value if whole else None, "key_uuid": value if isinstance(value, UUID) else None}


def typed_column(field: Any) -> str:
    """Which column of `Subject` equals the key field without a cast: `key_int`, `key_uuid` or `key`."""
    kind = "" if field_names(field) else field.get_internal_type()
    if kind == "UUIDField":
        return "key_uuid"
    return "key_int" if kind.endswith(("AutoField", "IntegerField")) else "key"
