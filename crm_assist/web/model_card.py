"""The model card of a version, in words: what it is for and not for, what it learned from, how good it is, its limits.

One telling for the page and for the command: sections of facts (a term and its text) and of notes. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.learning.models import Target
from crm_assist.scorecards import Scorecard
from crm_assist.scorecards.certainty import auc_interval, rate_interval
from crm_assist.scorecards.row import sigmoid
from crm_assist.scorecards.scorecard import GOLDEN_TOLERANCE
from crm_assist.web import words
from crm_assist.web.bin_words import range_of
from crm_assist.web.card_limits import limits
from crm_assist.web.card_words import (
    Declared,
    change_told,
    count,
    figure,
    label_of,
    population_told,
    products_told,
    share_told,
    signed,
    weight,
)

Fact = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a model card: facts as term and text, then notes in whole sentences."""

    title: str
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The card that is told of, with what is known around it; a file has neither target nor names."""

    card: Scorecard
    declared: Declared
    target: Target | None = None
    called: flow.CardNames = field(default_factory=flow.CardNames)
    findings: tuple[flow.FoundThen, ...] = ()
    """What was found in its training data when it was stored."""
    comparison: str = ""
    """How it did against the card that served then, in words; empty where nobody compared them."""


def subject_of(view: flow.CardView, card: Scorecard) -> Subject:
    """A stored version with everything that is known around it."""
    return Subject(
        card=card,
        declared=view.declared,
        target=view.target,
        called=view.called,
        findings=view.findings,
        comparison=view.comparison.words if view.comparison else "",
    )


def model_card(about: Subject) -> tuple[Section, ...]:
    """The whole model card, in the language in force."""
    found = Section(title=_("What was found when it was made"), notes=tuple(_found(about)))
    return (
        Section(title=_("What it is for"), facts=tuple(_purpose(about)), notes=(not_for(),)),
        Section(title=_("What it learned from"), facts=tuple(_training(about))),
        Section(title=_("How good it is"), facts=tuple(_quality(about.card))),
        *([found] if found.notes else []),
        Section(title=_("Limits"), notes=tuple(limits(about.card, about.declared))),
        Section(title=_("What it uses"), facts=tuple(_uses(about)), notes=tuple(_of_change(about))),
        Section(title=_("Checks"), facts=tuple(_checks(about.card))),
    )


def title_of(about: Subject) -> str:
    """What the card predicts, within which time."""
    said = about.card.purpose
    label = (about.target.label if about.target else "") or said.label or said.target or _("Scorecard")
    return f"{label} {words.horizon(said.horizon_days)}".strip()


def not_for() -> str:
    """What no card of this product may be used for."""
    return _(
        "Not for decisions on credit, prices, insurance or jobs: a score of who would welcome an offer says nothing "
        "fair about these. It is a suggestion to a person, who decides."
    )


def _purpose(about: Subject) -> Iterator[Fact]:
    said, target = about.card.purpose, about.target
    yield _("Purpose"), words.word(words.USES, said.use) if said.use else _("not said yet")
    yield _("Target"), title_of(about)
    if target:
        yield _("Outcome"), words.word(words.OUTCOMES, target.outcome)
        yield _("Products"), products_told(target, about.called.products)
        yield _("For whom"), population_told(target, about.declared)
        yield _("Answers for it"), target.owner or "–"
    if said.adapter:
        yield _("Kind of customer"), about.called.adapters.get(said.adapter, said.adapter)


def _training(about: Subject) -> Iterator[Fact]:
    trained = about.card.trained
    if trained.until:
        since, until = day_of(trained.since), day_of(trained.until)
        several = since and since != until
        yield _("Period"), _("%(since)s to %(until)s") % {"since": since, "until": until} if several else until
    yield _("Rows: a customer at a moment"), count(trained.rows)
    yield _("Of them with the outcome"), _rate(trained.positives, trained.rows)
    if trained.left_out:
        yield _("Left out: the same for everybody"), _named(trained.left_out, about.declared)
    closed = [name for name, feature in about.declared.items() if feature.sensitive]
    if closed:
        yield _("Never used: sensitive"), _named(closed, about.declared)
    used = about.card.features
    unseen = [
        n for n, feature in about.declared.items() if not feature.looks_back and n not in used and n not in closed
    ]
    if unseen:
        yield _("Left out: its past is not known"), _named(unseen, about.declared)


def _quality(card: Scorecard) -> Iterator[Fact]:
    trained, calibration = card.trained, card.calibration
    yield _("Separation (AUC)"), area(card)
    if trained.judged:
        how = _("later than those learned from") if trained.in_time else _("drawn by chance, none of them learned from")
        told = {"count": count(trained.judged), "positives": count(trained.judged_positives), "how": how}
        yield _("Measured on"), _("%(count)s rows, %(positives)s of them with the outcome, %(how)s") % told
    yield _("Calibration error (ECE)"), _("not known") if trained.ece is None else _off(trained.ece)
    if (calibration.slope, calibration.offset) == (1.0, 0.0):
        yield _("Calibration"), _("no line did better than none")
    else:
        told = {"slope": figure(calibration.slope), "offset": signed(calibration.offset)}
        yield _("Calibration"), _("a line: slope %(slope)s, offset %(offset)s") % told
    yield _("Usual customer"), usual(card)


def area(card: Scorecard) -> str:
    """How well the card tells customers apart, with its interval where the rows behind it are known."""
    trained = card.trained
    if trained.auc is None:
        return _("not known")
    negatives = trained.judged - trained.judged_positives
    interval = auc_interval(trained.auc, trained.judged_positives, negatives)
    if interval is None:
        return figure(trained.auc)
    told = {"value": figure(trained.auc), "low": figure(interval[0]), "high": figure(interval[1])}
    return _("%(value)s (%(low)s to %(high)s)") % told


def usual(card: Scorecard) -> str:
    """The usual rate, in natural frequency: that of the rows learned from, else what the average points give."""
    trained = card.trained
    rate = trained.positives / trained.rows if trained.rows else sigmoid(card.row_plan.base)
    return _("%(number)d in 100") % {"number": words.hundredths(rate)}


def _uses(about: Subject) -> Iterator[Fact]:
    for part in sorted(about.card.parts, key=lambda one: weight(one.points), reverse=True):
        text = _("up to %(weight)s points apart") % {"weight": figure(weight(part.points))}
        if part.share[-1]:
            feature = about.declared.get(part.name)
            absent = range_of(part.bin(part.size - 1), part.edges, feature)
            text = f"{text} ({words.named(absent, share_told(part.share[-1]))})"
        yield label_of(part.name, about.declared) or part.name, _marked(text, [part.name], about)
    for pair in about.card.pairs:
        label = " × ".join(label_of(name, about.declared) or name for name in pair.names)
        text = _("together up to %(weight)s points apart") % {"weight": figure(weight(pair.points))}
        yield label, _marked(text, pair.names, about)


def _marked(text: str, names: Collection[str], about: Subject) -> str:
    return " · ".join(filter(None, (text, change_told(names, about.declared))))


def _of_change(about: Subject) -> Iterator[str]:
    """What the marks mean, where there are any."""
    if any(change_told([name], about.declared) for name in about.card.features):
        yield _(
            "“Can change”: the customer or an agent can do something about it, and a reason that rests on it says so. "
            "Where nothing stands, nobody has said."
        )


def _checks(card: Scorecard) -> Iterator[Fact]:
    trained = card.trained
    if trained.agreement is not None:
        told = {
            "size": _tiny(trained.agreement, 1),
            "count": count(trained.compared),
            "most": _tiny(GOLDEN_TOLERANCE, 0),
        }
        yield _("Agreement with what was fitted"), _("within %(size)s on %(count)s rows (%(most)s is accepted)") % told
    yield _("Golden rows"), _("%(count)s, tried again whenever it is loaded") % {"count": count(len(card.golden))}
    yield _("Fingerprint"), card.digest


def _found(about: Subject) -> Iterator[str]:
    """Findings in its data, each with why it was accepted, and how it did against the card that served."""
    for then in about.findings:
        why = _("Accepted: %(reason)s") % {"reason": then.accepted} if then.accepted else ""
        yield f"{then.words} {why}".strip()
    if about.comparison:
        yield about.comparison


def _tiny(number: float, places: int) -> str:
    """A number with a power of ten, with the decimal separator of the language in force."""
    return f"{number:.{places}e}".replace(".", get_format("DECIMAL_SEPARATOR"))


def _rate(positives: int, rows: int) -> str:
    interval = rate_interval(positives, rows)
    if interval is None:
        return count(positives)
    low, high = (figure(100 * end, 1) for end in interval)
    told = {"count": count(positives), "low": low, "high": high}
    return _("%(count)s (%(low)s to %(high)s in 100)") % told


def _off(error: float) -> str:
    told = {"value": figure(error), "size": figure(100 * error, 1)}
    return _("%(value)s: on average a probability is off by %(size)s in 100") % told


def day_of(text: str | None) -> str:
    """A moment in the ISO text of the card as a day; what is none, such as a row number, as it stands."""
    try:
        return date_format(datetime.fromisoformat(text or ""), "DATE_FORMAT")
    except ValueError:
        return text or ""


def _named(names: tuple[str, ...] | list[str], declared: Declared) -> str:
    return ", ".join(label_of(name, declared) or name for name in names)
