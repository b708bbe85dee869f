"""The card of "subscribes a term deposit": how well it would have done in time order, and the card in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_assist import customers, features, flow
from crm_assist.learning import check_training, fit_scorecard
from crm_assist.types import Principal
from project.campaigns.assist import TARGET
from project.campaigns.models import Call, Prospect

PROSPECT = "campaigns.Prospect"
FIRST_TESTED_ROW = 27_690
WINDOW = 20_000
LEAST_ROWS = 400
LEAST_SUBSCRIBED = 20
HORIZON_DAYS = 30


class TooFewRows(ValueError):
    """The campaign is too small to learn from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The campaign in time order: columns by feature, answers 0 or 1, moments, and where testing begins."""

    columns: Mapping[str, Sequence[Any]]
    subscribed: Sequence[int]
    at: Sequence[datetime]
    test_from: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Accuracy:
    """How the card would have done on calls after those it learned from."""

    calls: int
    refits: int
    auc: float
    ece: float


def history() -> History:
    """Every call with what was known before it; TooFewRows says how many there are and are needed."""
    declared = features.declared(customers.adapter_for(PROSPECT))
    sources = [str(feature.source) for feature in declared.values()]
    rows = list(
        Call.objects.order_by("at", "pk").values_list(
            "prospect__row", "at", "subscribed", *(f"prospect__{source}" for source in sources)
        )
    )
    positives = sum(1 for row in rows if row[2])
    if len(rows) < LEAST_ROWS or not LEAST_SUBSCRIBED <= positives <= len(rows) - LEAST_SUBSCRIBED:
        raise TooFewRows(
            f"{len(rows):,} calls with {positives:,} subscriptions are too few for a card: "
            f"{LEAST_ROWS} calls with {LEAST_SUBSCRIBED} of each answer are needed. Load more rows."
        )
    earlier = sum(1 for row in rows if row[0] < FIRST_TESTED_ROW)
    usual = LEAST_ROWS <= earlier <= len(rows) - LEAST_ROWS
    return History(
        columns={name: [row[3 + place] for row in rows] for place, name in enumerate(declared)},
        subscribed=[int(row[2]) for row in rows],
        at=[row[1] for row in rows],
        test_from=earlier if usual else len(rows) * 3 // 4,
    )


def accuracy(past: History, *, step: int, on_progress: Callable[[int], None] | None = None) -> Accuracy:
    """Refit every `step` calls on the 20,000 before, score the next block, pool: the time-ordered protocol."""
    # NumPy is optional: only an evaluation loads it.
    from crm_assist.learning import evaluation

    refits = 0

    def fit(columns: Mapping[str, Any], answers: Any) -> Callable[[Mapping[str, Any]], Any]:
        nonlocal refits
        card = fit_scorecard(columns, answers, time=range(len(answers)))
        refits += 1
        if on_progress:
            on_progress(refits)
        return card.probability

    scores = evaluation.rolling_scores(
        past.columns, past.subscribed, start=past.test_from, window=WINDOW, step=step, fit=fit
    )
    answers = past.subscribed[past.test_from :]
    return Accuracy(
        calls=len(answers),
        refits=refits,
        auc=evaluation.auc(answers, scores),
        ece=evaluation.ece(answers, scores),
    )


def refit_count(past: History, *, step: int) -> int:
    """How many fits `accuracy` will need."""
    return -(-(len(past.subscribed) - past.test_from) // step)


def publish(past: History, *, by: str, now: datetime) -> int:
    """Fit the latest 20,000 calls and put the card in force; returns its version."""
    loader = Principal(key=by, permissions=frozenset({"declare_target", "publish_card"}))
    target = flow.declare_target(
        loader,
        name=TARGET,
        adapter=PROSPECT,
        labels={"en": "Subscribes to a term deposit", "fr": "Souscrit un compte à terme"},
        products=["term_deposit"],
        horizon_days=HORIZON_DAYS,
        is_main=True,
        now=now,
    )
    latest = {name: values[-WINDOW:] for name, values in past.columns.items()}
    answers, at = past.subscribed[-WINDOW:], past.at[-WINDOW:]
    findings = check_training(latest, answers, time=at)
    card, reason = fit_scorecard(latest, answers, time=at), "Bank Marketing file loaded"
    return flow.publish_card(loader, target, card, reason=reason, now=now, findings=findings).version


def store_scores(*, now: datetime, on_progress: Callable[[int], None] | None = None) -> int:
    """Bring the stored scores of all prospects up to date; says how many there are."""
    done = 0
    for step in flow.rescore(customers.adapter_for(PROSPECT), now=now):
        done = step.done
        if on_progress:
            on_progress(done)
    return done


def prospect_count() -> int:
    """How many prospects there are."""
    return Prospect.objects.count()
