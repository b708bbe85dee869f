"""Whether the hooks of one record, and those of a set, answer for a real customer, with the right kind of value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

from django.utils.functional import Promise

from crm_assist.customers import CustomerAdapter
from crm_assist.customers.answers import READERS, SETS
from crm_assist.management.doctor.finding import Finding, good
from crm_assist.management.doctor.trying import Wrong, of_kind, tried
from crm_assist.types import Consent

TEXT = (str, Promise)


def _text(value: Any) -> Any:
    return of_kind(value, TEXT, "a text")


def _collection(value: Any) -> Any:
    if isinstance(value, str | bytes):
        raise Wrong("one text, not a collection of product codes")
    return READERS["holdings"](of_kind(value, Collection, "a collection of product codes"))


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "consent": lambda value: READERS["consent"](of_kind(value, Consent, "a crm_assist.types.Consent")),
    "holdings": _collection,
    "situations": lambda value: READERS["situations"](of_kind(value, Collection, "a tuple of Situation")),
    "team": _text,
    "tenant": _text,
    "is_live": lambda value: of_kind(value, bool, "True or False"),
    "label": _text,
    "url": _text,
}
"""What each hook of one record must answer."""
OF_A_SET = {**SETS, "tenant": "tenants", "label": "labels", "url": "urls"}
"""The hook of a set that belongs to each."""


def tried_hooks(adapter: CustomerAdapter, obj: Any) -> Iterator[Finding]:
    """Every hook asked of one customer; a set's only where the host wrote its own, since the default asks the other."""
    about = f"asked of customer {adapter.key(obj)}"
    found: list[Finding] = []
    for name, check in CHECKS.items():
        found += tried(adapter, name, partial(_of_one, adapter, name, obj, check), about=about)
        whole = OF_A_SET[name]
        if getattr(type(adapter), whole) is not getattr(CustomerAdapter, whole):
            found += tried(adapter, whole, partial(_of_set, adapter, whole, obj, check), about=about)
    yield from found
    if not found:
        yield good(f"{adapter.model_label}: every question is answered for customer {adapter.key(obj)}")


def _of_one(adapter: CustomerAdapter, name: str, obj: Any, check: Callable[[Any], Any]) -> None:
    check(getattr(adapter, name)(obj))


def _of_set(adapter: CustomerAdapter, name: str, obj: Any, check: Callable[[Any], Any]) -> None:
    answers = of_kind(getattr(adapter, name)([obj]), Mapping, "a dictionary by key")
    by_text = {str(key): value for key, value in answers.items()}
    if adapter.key(obj) not in by_text:
        raise Wrong(f"no answer for customer {adapter.key(obj)}, though it was asked for it")
    check(by_text[adapter.key(obj)])
