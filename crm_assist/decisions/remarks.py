"""What agents say beside answering: of the score, of what they offered themselves, and that the screen showed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.models import Decision, Display, OwnOffer, ScoreAnswer, SubjectRow
from crm_assist.events import emit_on_commit
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record

Row = TypeVar("Row", bound=SubjectRow)


def _row(model: type[Row], decision: Decision, *, agent_key: str, now: datetime, **values: Any) -> Row:
    return model(
        id=uuid7(now),
        tenant=decision.tenant,
        at=now,
        subject_id=decision.subject_id,
        decision_id=decision.pk,
        agent_key=agent_key,
        **values,
    )


def _comment(comment: str, longest: int) -> str:
    if len(comment) > longest:
        raise BadAnswer(
            "comment", _("The comment is too long: use at most %(length)d characters.") % {"length": longest}
        )
    return comment


def answer_score(
    decision: Decision,
    *,
    kind: str,
    comment: str,
    agent_key: str,
    team: str,
    request_key: str,
    longest: int,
    now: datetime,
) -> ScoreAnswer:
    """Record what the agent says of the score; the same request twice is recorded once."""
    if kind not in ScoreAnswer.Kind.values:
        words = {"value": kind[:40], "known": ", ".join(ScoreAnswer.Kind.values)}
        raise BadAnswer("kind", _("“%(value)s” is not an answer; use one of %(known)s.") % words)
    text = _comment(comment, longest)
    known = _repeated(ScoreAnswer, decision, agent_key=agent_key, request_key=request_key)
    if known is not None:
        return known
    row = _row(ScoreAnswer, decision, agent_key=agent_key, now=now, team=team, kind=kind, request_key=request_key)
    emit_on_commit("score.answered", tenant=row.tenant, decision_id=row.decision_id, kind=row.kind)
    return record(row, {"comment": text} if text else None)


def own_offer(
    decision: Decision,
    *,
    product: str,
    comment: str,
    agent_key: str,
    team: str,
    request_key: str,
    longest: int,
    now: datetime,
) -> OwnOffer:
    """Record what the agent offered by own judgement; the same request twice is recorded once."""
    text = _comment(comment, longest)
    if not product and not text.strip():
        raise BadAnswer("product", _("Name the product that you offered, or describe it."))
    known = _repeated(OwnOffer, decision, agent_key=agent_key, request_key=request_key)
    if known is not None:
        return known
    row = _row(OwnOffer, decision, agent_key=agent_key, now=now, team=team, product=product, request_key=request_key)
    emit_on_commit("offer.noted", tenant=row.tenant, decision_id=row.decision_id, product=row.product)
    return record(row, {"comment": text} if text else None)


def displayed(decision: Decision, *, agent_key: str, now: datetime) -> Display:
    """Record once per agent that the decision was on the screen."""
    known: Display | None = Display.objects.filter(decision_id=decision.pk, agent_key=agent_key).first()
    if known is not None:
        return known
    emit_on_commit("decision.displayed", tenant=decision.tenant, decision_id=decision.pk)
    return record(_row(Display, decision, agent_key=agent_key, now=now), None)


def _repeated(model: type[Row], decision: Decision, *, agent_key: str, request_key: str) -> Row | None:
    if not request_key:
        return None
    rows: Any = model._default_manager.all()
    rows = rows.filter(decision_id=decision.pk, agent_key=agent_key, request_key=request_key)
    found: Row | None = rows.first()
    return found
