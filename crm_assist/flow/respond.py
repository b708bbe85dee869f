"""The agent answers: one lock, one answer, logged at once; whoever comes second is told how it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from crm_assist import customers
from crm_assist.conf import settings
from crm_assist.customers.models import Subject
from crm_assist.decisions import answers, remarks
from crm_assist.decisions.models import Decision, Display, OwnOffer, ScoreAnswer, State, Suggestion
from crm_assist.decisions.suggestions import withdraw
from crm_assist.flow.closing import is_closed
from crm_assist.flow.errors import DecisionNotFound, SuggestionNotFound
from crm_assist.flow.showing import showed_score
from crm_assist.flow.view import Standing, standing_of
from crm_assist.recommending.catalogue import catalogue
from crm_assist.rollout.admission import admission as admission_of
from crm_assist.signals import suggestion_answered
from crm_assist.types import Admission, Phase, Principal, ResponseKind

GOING_ON = frozenset({ResponseKind.ACCEPTED, ResponseKind.LATER, ResponseKind.ESCALATED})
"""The answers that go on with an offer: not for a customer who has refused meanwhile. A "no" is always taken."""


def respond(
    principal: Principal,
    suggestion_id: UUID,
    *,
    kind: str,
    reason: str = "",
    comment: str = "",
    until: datetime | None = None,
    request_key: str = "",
    now: datetime,
) -> Standing:
    """Record an answer to a suggestion; the same request twice is one answer.

    Raises SuggestionNotFound for what this agent may not see (below `recommend` too), AlreadyAnswered with the
    current state when somebody was quicker, or when the customer was closed meanwhile and the answer would go on with
    the offer, BadAnswer with the field for what cannot be taken.
    """
    given = answers.checked(
        kind=kind,
        reason=reason,
        comment=comment,
        until=until,
        now=now,
        later_days=settings.LATER_DAYS,
        longest=settings.COMMENT_LENGTH,
    )

    def act(suggestion: Suggestion, team: str, is_closed: Callable[[], bool]) -> Suggestion:
        if suggestion.state == State.OPEN and given.kind in GOING_ON and is_closed():
            return withdraw(suggestion, now=now)
        return answers.answer(
            suggestion,
            given,
            agent_key=principal.key,
            team=team,
            request_key=request_key,
            now=now,
            decision_id=_seen(principal, suggestion),
        )

    return _locked(principal, suggestion_id, given.kind.value, given.reason, now, act)


def undo(principal: Principal, suggestion_id: UUID, *, request_key: str = "", now: datetime) -> Standing:
    """Take one's own answer back while it is fresh; both stay in the log.

    The suggestion is open again, or withdrawn where nothing may be offered to the customer any more.
    """

    def act(suggestion: Suggestion, team: str, is_closed: Callable[[], bool]) -> Suggestion:
        undone = answers.undo(
            suggestion,
            agent_key=principal.key,
            team=team,
            request_key=request_key,
            within_seconds=settings.UNDO_SECONDS,
            now=now,
            decision_id=_seen(principal, suggestion),
        )
        return withdraw(undone, now=now) if undone.state == State.OPEN and is_closed() else undone

    return _locked(principal, suggestion_id, "undone", "", now, act)


def _locked(
    principal: Principal,
    suggestion_id: UUID,
    kind: str,
    reason: str,
    now: datetime,
    act: Callable[[Suggestion, str, Callable[[], bool]], Suggestion],
) -> Standing:
    admission = _admitted(principal, Phase.RECOMMEND, SuggestionNotFound)
    with transaction.atomic():
        rows = Suggestion.objects.select_for_update(of=("self",)).filter(pk=suggestion_id, tenant=principal.tenant)
        suggestion = rows.select_related("subject").first()
        seen = _seen_by(principal, suggestion.subject) if suggestion else None
        if suggestion is None or seen is None:
            raise SuggestionNotFound(str(suggestion_id))
        answered = act(suggestion, admission.team, lambda: is_closed(*seen))
    if answered.state == State.WITHDRAWN and kind != "undone":
        raise answers.AlreadyAnswered(answered)
    transaction.on_commit(
        lambda: suggestion_answered.send(
            Suggestion,
            suggestion_id=answered.pk,
            decision_id=answered.decision_id,
            product=answered.product,
            kind=kind,
            reason=reason,
            agent_key=principal.key,
            at=now,
        )
    )
    return standing_of(answered, agent_key=principal.key, now=now)


def answer_score(
    principal: Principal, decision_id: UUID, *, kind: str, comment: str = "", request_key: str = "", now: datetime
) -> ScoreAnswer:
    """Record whether the score was useful, wrong, or based on wrong data; DecisionNotFound where none was shown."""
    with transaction.atomic():
        decision, admission = _own_decision(principal, decision_id)
        if not showed_score(decision):
            raise DecisionNotFound("no score was shown with it")
        return remarks.answer_score(
            decision,
            kind=kind,
            comment=comment,
            agent_key=principal.key,
            team=admission.team,
            request_key=request_key,
            longest=settings.COMMENT_LENGTH,
            now=now,
        )


def own_offer(
    principal: Principal,
    decision_id: UUID,
    *,
    product: str = "",
    comment: str = "",
    request_key: str = "",
    now: datetime,
    needed: Phase = Phase.SCORE,
) -> OwnOffer:
    """Record what the agent offered by own judgement; a code that is not in the catalogue is refused."""
    with transaction.atomic():
        decision, admission = _own_decision(principal, decision_id, needed=needed)
        if product and not catalogue(principal.tenant).filter(code=product).exists():
            message = _("“%(value)s” is not in the catalogue; choose a product or describe your offer.")
            raise answers.BadAnswer("product", message % {"value": product[:60]})
        return remarks.own_offer(
            decision,
            product=product,
            comment=comment,
            agent_key=principal.key,
            team=admission.team,
            request_key=request_key,
            longest=settings.COMMENT_LENGTH,
            now=now,
        )


def own_offer_told(
    principal: Principal, model_label: str, key: str, *, product: str, request_key: str = "", now: datetime
) -> OwnOffer | None:
    """The host's own form tells what an agent offered: from `shadow` on, where the panel shows nothing to note it in.

    It is the baseline that shadow is measured against. None where nothing was decided for this agent and customer,
    so that a host may call it after every conversation.
    """
    customer = customers.resolve(principal, model_label, key)
    admission, _revision = admission_of(principal)
    if not admission.phase.opens(Phase.SHADOW):
        return None
    same = {"tenant": principal.tenant, "subject__model_label": model_label, "subject__key": customers.key_of(customer)}
    decision = Decision.objects.filter(**same, agent_key=principal.key).order_by("-at", "-id").first()
    if decision is None:
        return None
    return own_offer(principal, decision.pk, product=product, request_key=request_key, now=now, needed=Phase.SHADOW)


def displayed(principal: Principal, decision_id: UUID, *, now: datetime) -> Display:
    """Record that the browser really showed the decision; once per agent."""
    with transaction.atomic():
        decision, _admission = _own_decision(principal, decision_id)
        return remarks.displayed(decision, agent_key=principal.key, now=now)


def _seen(principal: Principal, suggestion: Suggestion) -> UUID | None:
    """The decision by which this agent saw the suggestion, where a colleague's had opened it."""
    mine = Decision.objects.filter(subject_id=suggestion.subject_id, agent_key=principal.key)
    mine = mine.dated(suggestion.opened_at).showing(suggestion.product)
    found: UUID | None = mine.order_by("-at", "-id").values_list("id", flat=True).first()
    return found


def _own_decision(
    principal: Principal, decision_id: UUID, *, needed: Phase = Phase.SCORE
) -> tuple[Decision, Admission]:
    """The agent's own decision, locked: of two equal requests at once the second one sees what the first wrote."""
    admission = _admitted(principal, needed, DecisionNotFound)
    rows = Decision.objects.select_for_update(of=("self",))
    rows = rows.filter(pk=decision_id, tenant=principal.tenant, agent_key=principal.key)
    decision = rows.select_related("subject").first()
    if decision is None or _seen_by(principal, decision.subject) is None:
        raise DecisionNotFound(str(decision_id))
    return decision, admission


def _admitted(principal: Principal, needed: Phase, absent: type[LookupError]) -> Admission:
    admission, _revision = admission_of(principal)
    if not admission.phase.opens(needed):
        raise absent("the phase in force shows none")
    return admission


def _seen_by(principal: Principal, subject: Subject) -> tuple[Subject, Any] | None:
    """The subject that stands for this one and the host's record behind it, or None for whoever may not see it."""
    try:
        end = customers.end_of(subject)
        return end, customers.resolve(principal, end.model_label, end.key)
    except customers.CustomerNotFound:
        return None
