"""Reasons in words, made after the score and outside it: whatever a host's labels do, no number depends on them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.utils.translation import gettext as _

from crm_assist.types import Reason

logger = logging.getLogger("crm_assist.scoring")

LONGEST = 60
"""Characters of a value that had to be written plainly."""


class FeatureText(Protocol):
    """What a reason needs of a feature: its label and its value in words."""

    @property
    def label(self) -> Any:
        """The feature's name for people."""
        ...

    @property
    def can_change(self) -> bool:
        """Whether the customer or an agent can do something about it."""
        ...

    def display(self, value: Any) -> str:
        """The value with its unit, in the language in force."""
        ...

    def sentence(self, value: Any) -> str:
        """The whole reason in words; empty where label and value say it."""
        ...


def worded(
    reasons: Iterable[Reason], values: Mapping[str, Any], features: Mapping[str, FeatureText]
) -> tuple[Reason, ...]:
    """The reasons in words; a feature that the host no longer declares keeps its name. Never raises.

    A reason of two features can change where either can; what nobody declared is taken as fixed.
    """
    pattern = _("%(label)s: %(value)s")  # asked once, since an agent waits
    return tuple(_worded(item, values, features, pattern) for item in reasons)


def _worded(reason: Reason, values: Mapping[str, Any], features: Mapping[str, FeatureText], pattern: str) -> Reason:
    first = _words(reason.feature, values, features, pattern)
    if not reason.beside:
        return replace(
            reason, label=first.label, value=first.value, sentence=first.sentence, changeable=first.changeable
        )
    second = _words(reason.beside, values, features, pattern)
    together = _("%(one)s, together with %(other)s")
    return replace(
        reason,
        label=together % {"one": first.label, "other": second.label},
        value=together % {"one": first.value, "other": second.value},
        sentence=together % {"one": first.sentence, "other": second.sentence},
        changeable=first.changeable or second.changeable,
    )


@dataclass(frozen=True, slots=True)
class _Words:
    label: str
    value: str
    sentence: str
    changeable: bool


def _words(name: str, values: Mapping[str, Any], features: Mapping[str, FeatureText], pattern: str) -> _Words:
    feature, value = features.get(name), values.get(name)
    try:
        label = str(feature.label) if feature else name
    except Exception as error:
        label = name
        _tell(name, error)
    try:
        # A feature may have a word of its own for a missing value: who asked for nothing is not unknown.
        text = str(feature.display(value)) if feature else str(value) if value is not None else _("not known")
    except Exception as error:
        text = _plainly(value)
        _tell(name, error)
    try:
        sentence = (feature.sentence(value) if feature else "") or pattern % {"label": label, "value": text}
    except Exception as error:
        sentence = pattern % {"label": label, "value": text}
        _tell(name, error)
    return _Words(label, text, sentence, feature is not None and feature.can_change)


def _plainly(value: Any) -> str:
    """The value as Python writes it, where its feature cannot."""
    try:
        text = str(value)
    except Exception:  # a whole number of more than 4,300 digits, or a host's own type
        return _("not known")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


_told: set[tuple[str, type[Exception]]] = set()
"""What was logged already: a label that fails would do so at each view."""


def _tell(feature: str, error: Exception) -> None:
    if (feature, type(error)) not in _told:
        _told.add((feature, type(error)))
        logger.error("crm_assist.wording_failed", extra={"feature": feature}, exc_info=error)
