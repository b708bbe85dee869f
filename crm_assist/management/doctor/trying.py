"""A hook of a host's adapter tried as an agent's request would: what it raises or wrongly answers is a thing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from crm_assist.customers import CustomerAdapter
from crm_assist.flow.shielding import savepoint
from crm_assist.management.doctor.finding import Finding, block


class Wrong(Exception):
    """What a hook answered is of the wrong kind; the message says which kind it is and which is wanted."""


def tried(adapter: CustomerAdapter, hook: str, question: Callable[[], Any], *, about: str = "") -> Iterator[Finding]:
    """Nothing when the hook answers, else the hook by name, its fault and the remedy. Never raises."""
    try:
        with savepoint():
            question()
    except Exception as error:
        yield fault(adapter, hook, error, about=about)


def fault(adapter: CustomerAdapter, hook: str, error: Exception, *, about: str = "") -> Finding:
    """The thing to do about a hook that failed."""
    name, place = f"{type(adapter).__name__}.{hook}()", type(adapter).__module__
    if isinstance(error, Wrong):
        text, todo = f"{name} returns {error}", f"Look for a missing or wrong `return` in {hook}(), in {place}."
    else:
        words = str(error)[:300] or "no message"
        text, todo = f"{name} fails: {type(error).__name__}: {words}", f"Mend {hook}(), in {place}."
    return block(f"{adapter.model_label}: {text}{about and f' ({about})'}", todo)


def of_kind(value: Any, kind: type | tuple[type, ...], wanted: str) -> Any:
    """The value, or Wrong when it is of another kind."""
    if not isinstance(value, kind):
        raise Wrong(f"{'None' if value is None else f'a {type(value).__name__}'}, not {wanted}")
    return value
