"""One run of the flow up to its result: nothing is written yet, and nothing shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.decisions import suggestions
from crm_assist.decisions.models import Suggestion
from crm_assist.flow.closing import objection
from crm_assist.flow.deciding import Inputs, Result, Serving, Stored, decide
from crm_assist.flow.knowledge import Knowledge, published
from crm_assist.flow.policy import policy_now
from crm_assist.flow.sighting import LastDecision, Sighting, sight
from crm_assist.flow.wording import in_words
from crm_assist.types import Admission, Phase, Principal

SAME = 1e-9
"""Two scores that differ by less are the same: what is stored and what is computed may differ in the last digit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run read and what came out."""

    principal: Principal
    adapter: CustomerAdapter
    admission: Admission
    revision: int
    knowledge: Knowledge
    sighting: Sighting
    servings: Mapping[str, Serving]
    known: tuple[Suggestion, ...]
    inputs: Inputs
    result: Result
    now: datetime

    @property
    def features(self) -> Mapping[str, Any]:
        """The declared features by name."""
        return features.declared(self.adapter)

    @property
    def newest(self) -> Mapping[str, Suggestion]:
        """The newest suggestion of each product to this customer."""
        newest: dict[str, Suggestion] = {}
        for item in self.known:
            newest.setdefault(item.product, item)
        return newest

    @property
    def silence(self) -> str:
        """Why the agent sees no suggestion, if so: the phase before anything else."""
        if self.admission.phase is Phase.SCORE and self.result.is_silent_altogether:
            return self.result.silence
        if self.admission.phase is not Phase.RECOMMEND:
            return f"phase_{self.admission.phase.value}"
        return self.result.silence


def prepare(
    principal: Principal,
    adapter: CustomerAdapter,
    key: str,
    *,
    admission: Admission,
    revision: int,
    now: datetime,
) -> Run:
    """Read what is published and the customer, then decide; CustomerNotFound alike for all that may not be seen."""
    knowledge = published(principal.tenant, revision)
    target = knowledge.main_target(adapter.model_label, adapter.main_target)
    suggests = admission.phase in (Phase.SHADOW, Phase.RECOMMEND)
    sighting = sight(principal, adapter, key, target=target.name if target else "", suggests=suggests, now=now)
    known = tuple(suggestions.of_subject(sighting.subject_id)) if suggests and sighting.subject_id else ()
    servings, rules = knowledge.servings(adapter.model_label), knowledge.rules_of(adapter.model_label)
    inputs = Inputs(
        snapshot=sighting.snapshot,
        facts=customers.facts(adapter, sighting.customer),
        history=(*suggestions.as_history(known), *objection(sighting.objected_at)),
        products=knowledge.facts if suggests else (),
        phase=admission.phase,
        target=target.name if target else "",
        label=target.label if target else "",
        horizon_days=target.horizon_days if target else None,
        stored=_stored(sighting, servings.get(target.name) if target else None),
        policy=policy_now(),
        seed=f"{adapter.model_label}:{key}:{now:%Y-%m-%d}",  # every agent sees the same of two equals
        cards={name: serving.digest for name, serving in servings.items()},
        versions={name: serving.version for name, serving in servings.items()},
        rules={rule.facts.code: rule.facts.id for rule in rules} if suggests else {},
        unread=frozenset(rule.facts.code for rule in rules if rule.rule is None) if suggests else frozenset(),
    )
    return Run(
        principal=principal,
        adapter=adapter,
        admission=admission,
        revision=revision,
        knowledge=knowledge,
        sighting=sighting,
        servings=servings,
        known=known,
        inputs=inputs,
        result=in_words(decide(inputs, servings, rules), sighting.snapshot.values, features.declared(adapter)),
        now=now,
    )


def _stored(sighting: Sighting, serving: Serving | None) -> Stored | None:
    """The stored score, and whether the card that serves now gave it."""
    if sighting.stored is None:
        return None
    return replace(sighting.stored, same_card=serving is not None and serving.id == sighting.stored_card)


def still_holds(run: Run, last: LastDecision) -> bool:
    """Whether the decision of a moment ago would show the same: then it is shown again, and not logged twice.

    An answer given since is no change: the slate stays on the screen, so that nothing new is offered in one breath.
    """
    if not _same_score(run, last):
        return False
    is_closed = run.result.customer is None or not run.result.customer.open
    if not last.slate:
        left_open = is_closed and any(item.state == "open" for item in run.known)
        return last.silence == run.silence and not left_open
    if is_closed:
        return False
    closed = {c.product for c in run.result.candidates if not c.is_open and c.removed_by != "below_rank"}
    states = {product: item.state for product, item in run.newest.items()}
    gone = {"withdrawn", "expired", None}
    return not any(states.get(code) in gone or (states[code] == "open" and code in closed) for code in last.slate)


def _same_score(run: Run, last: LastDecision) -> bool:
    score = run.result.score
    if (last.phase, last.admission, last.revision) != (run.admission.phase, run.admission.code, run.revision):
        return False
    if score is None or last.probability is None:
        return score is None and last.probability is None
    # A card's points change by bins and never by little: another number has other reasons, which were not logged.
    return last.card == score.card and abs(last.probability - score.probability) < SAME
