"""What the host says of a customer beside the features; what it cannot say is None, and None is closed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.events import emit
from crm_assist.types import Consent, ConsentState, CustomerFacts, Situation, Zone

logger = logging.getLogger("crm_assist.customers")


def facts(adapter: CustomerAdapter, obj: Any) -> CustomerFacts:
    """The facts of one customer; a question that fails is logged and counts as unknown."""

    def ask(name: str, unknown: Any) -> Any:
        return _asked(adapter, name, lambda: READERS[name](getattr(adapter, name)(obj)), unknown)

    return _facts(ask)


def facts_of(adapter: CustomerAdapter, objs: Sequence[Any]) -> dict[str, CustomerFacts]:
    """The facts of many by key, by the set questions; one that fails is asked record by record."""
    return _facts_of(adapter, objs, tuple(READERS))


def silent_keys(adapter: CustomerAdapter, objs: Sequence[Any]) -> frozenset[str]:
    """The keys of those for whom nothing at all may be shown, by two of the set questions."""
    found = _facts_of(adapter, objs, ("situations", "is_live")) if objs else {}
    return frozenset(key for key, facts in found.items() if facts.is_silent)


def _facts_of(adapter: CustomerAdapter, objs: Sequence[Any], names: Sequence[str]) -> dict[str, CustomerFacts]:
    answers = {name: _set_answer(adapter, name, objs) for name in names}

    def asker(key: str) -> Callable[[str, Any], Any]:
        return lambda name, unknown: answers.get(name, {}).get(key, unknown)

    return {key: _facts(asker(key)) for key in map(adapter.key, objs)}


def _facts(ask: Callable[[str, Any], Any]) -> CustomerFacts:
    return CustomerFacts(
        consent=ask("consent", None),
        holdings=ask("holdings", None),
        situations=ask("situations", None),
        team=ask("team", ""),
        is_live=ask("is_live", False),
    )


def _set_answer(adapter: CustomerAdapter, name: str, objs: Sequence[Any]) -> Mapping[str, Any]:
    def whole() -> dict[str, Any]:
        answers = getattr(adapter, SETS[name])(objs)
        return {str(key): READERS[name](value) for key, value in answers.items()}

    def single(obj: Any) -> Any:
        return _asked(adapter, name, lambda: READERS[name](getattr(adapter, name)(obj)), UNKNOWN)

    answers = _asked(adapter, SETS[name], whole, None)
    if answers is not None:
        return answers  # type: ignore[no-any-return]
    singles = {adapter.key(obj): single(obj) for obj in objs}
    return {key: value for key, value in singles.items() if value is not UNKNOWN}


def _asked(adapter: CustomerAdapter, name: str, question: Callable[[], Any], unknown: Any) -> Any:
    try:
        return question()
    except Exception as error:
        logger.exception("%s.%s failed; it counts as unknown", adapter.model_label, name)
        emit("hook.failed", adapter=adapter.model_label, hook=name, fault=type(error).__name__)
        return unknown


def _consent(value: Any) -> Consent:
    if not isinstance(value, Consent):
        raise TypeError(f"consent must be a crm_assist.types.Consent, not {type(value).__name__}.")
    # A host may give the plain text, and a day or a naive moment as its own columns hold them.
    return replace(value, state=ConsentState(value.state), at=_moment(value.at))


def _holdings(value: Any) -> frozenset[str]:
    if isinstance(value, str | bytes):
        raise TypeError("holdings must be a collection of product codes, not one text.")
    return frozenset(str(code) for code in value)


def _situations(value: Any) -> tuple[Situation, ...]:
    situations = tuple(value)
    if not all(isinstance(situation, Situation) for situation in situations):
        raise TypeError("situations must be crm_assist.types.Situation values.")
    return tuple(_situation(situation) for situation in situations)


def _situation(value: Situation) -> Situation:
    """A zone that we do not know raises, so that the situation is unknown and not overlooked; a day stays a day."""
    since = _moment(value.since) if isinstance(value.since, datetime) else _day(value.since)
    return replace(value, label=str(value.label), zone=Zone(value.zone), since=since)


def _moment(value: Any) -> datetime | None:
    """An aware moment: a day is its beginning, and what has no time zone is read in the one in force."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        value = datetime.combine(_day(value), time.min)
    _day(value)
    return timezone.make_aware(value) if timezone.is_naive(value) else value


def _day(value: Any) -> Any:
    """The day as it is; TypeError for what is none, ValueError where a change of time zone would leave the calendar."""
    if value is None:
        return None
    if not isinstance(value, date):
        raise TypeError(f"a moment must be a date or a datetime, not {type(value).__name__}.")
    if not date.min.year < value.year < date.max.year:
        raise ValueError(f"{value.isoformat()} is no moment; give None where none is known.")
    return value


UNKNOWN = object()
READERS: dict[str, Callable[[Any], Any]] = {
    "consent": _consent,
    "holdings": _holdings,
    "situations": _situations,
    "team": str,
    "is_live": bool,
}
SETS = {
    "consent": "consents",
    "holdings": "holdings_of",
    "situations": "situations_of",
    "team": "teams",
    "is_live": "are_live",
}
"""The set question that belongs to each single one."""
