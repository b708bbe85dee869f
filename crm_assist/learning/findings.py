"""What a check of training data found: a code, the column, how grave it is, and the numbers that prove it.

The words are English with numbers put in; whoever shows them translates the template first (`template`, `values`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["blocks", "warns"]


def gettext_noop(text: str) -> str:
    """Mark a text for the catalogue without translating it; Django's own does the same, but needs Django."""
    return text


TEMPLATES: Mapping[str, str] = {
    "leak": gettext_noop(
        "“%(feature)s” looks known only after the outcome: by itself it removes %(gain)s of the uncertainty, beyond "
        "the %(others)s that all other columns remove together; among the %(rows)s rows that it sets apart one "
        "of the two outcomes was seen %(seen)s times where %(expected)s were expected. Leave the "
        "column out, or give its value as of the moment before the outcome."
    ),
    "too_good": gettext_noop(
        "On held-out rows the columns rank outcomes with an AUC of %(auc)s, above %(bound)s: what people do is never "
        "that predictable. Look for columns that are written after the outcome, and for rows of one customer on both "
        "sides."
    ),
    "constant": gettext_noop(
        "“%(feature)s” says nothing: it is the same, or unknown, in all %(rows)s rows. Leave it out, or mend its "
        "source."
    ),
    "duplicate": gettext_noop(
        "“%(feature)s” repeats “%(other)s”: the two divide all %(rows)s rows alike, so that reasons would be split "
        "between them. Leave one of them out."
    ),
    "scattered": gettext_noop(
        "“%(feature)s” has %(levels)s different values and none of them often: all are taken together, so that it says "
        "nothing. Group its values, or leave it out."
    ),
    "sensitive_name": gettext_noop(
        "“%(feature)s” sounds like something by which customers may not be treated apart. Leave it out, or mark it as "
        "sensitive, unless the law lets you use it."
    ),
    "not_begun": gettext_noop(
        "“%(feature)s” is below zero in %(seen)s of %(rows)s rows: what it counts from had not begun. If they were no "
        "customers yet, say from when on in your adapter's existed(), so that nobody learns from them."
    ),
    "unlike": gettext_noop(
        "“%(feature)s”: %(share)s of %(seen)s customers of today fall into one end of it, where %(then)s did when the "
        "card learned. Perhaps it was learned in another unit: ages and durations count in days. Learn it in the unit "
        "of the declared feature."
    ),
    "one_moment": gettext_noop(
        "All %(rows)s rows have the same moment, so that the card was judged on rows drawn by chance and not on later "
        "ones. Give each row the moment at which it was known."
    ),
    "drift": gettext_noop(
        "“%(feature)s” moved within the training window: its stability index between the earlier and the later half "
        "is %(index)s, above %(bound)s. Learn from a shorter or later window, or leave the column out."
    ),
    "base_rate": gettext_noop(
        "The outcome moved within the training window: %(early)s of the earlier half had it, %(late)s of the later. "
        "Learn from a shorter or later window, and refit often."
    ),
}
"""One sentence with its remedy for each code."""

SHARES = frozenset({"gain", "others", "early", "late", "share", "then"})
COUNTS = frozenset({"rows", "levels", "seen", "expected"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing found; `feature` is empty where it is about all columns, `other` names a second column.

    `blocks` keeps a card from being published until a person says why it is accepted; `warns` is shown alone.
    """

    code: str
    severity: Severity
    feature: str = ""
    other: str = ""
    evidence: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """What a person names to accept it: `leak:duration`, or the code alone where no column is meant."""
        return f"{self.code}:{self.feature}" if self.feature else self.code

    @property
    def template(self) -> str:
        """The sentence with places for `values`, to be translated."""
        return TEMPLATES[self.code]

    def values(self, point: str = ".") -> dict[str, str]:
        """What goes into the template, rounded as people read it: shares as per cent, counts whole.

        `point` is the decimal separator of the reader's language.
        """
        told = {name: _told(name, value).replace(".", point) for name, value in self.evidence.items()}
        return {**told, "feature": self.feature, "other": self.other}

    @property
    def message(self) -> str:
        """What is wrong and what to do about it, in English."""
        return self.template % self.values()

    def plain(self) -> dict[str, Any]:
        """The finding as JSON can hold it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "feature": self.feature,
            "other": self.other,
            "evidence": dict(self.evidence),
        }


def blocking(findings: tuple[Finding, ...], accepted: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings that still block, given why each accepted one (by its key) is accepted; blank is no reason."""
    return tuple(found for found in findings if found.severity == "blocks" and not accepted.get(found.key, "").strip())


def _told(name: str, value: float) -> str:
    if name in SHARES:
        return f"{100 * value:.3g}\N{NO-BREAK SPACE}%"
    return f"{value:.0f}" if name in COUNTS else f"{value:.3g}"
