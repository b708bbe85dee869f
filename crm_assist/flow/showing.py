"""What of a run may be shown: below `score` nothing, below `recommend` no suggestion, in no phase more than decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext as _

from crm_assist.decisions.models import Decision, Suggestion
from crm_assist.flow.deciding import ALTOGETHER, Result, explained
from crm_assist.flow.run import Run
from crm_assist.flow.view import RecordView, shown_suggestions, standing_of
from crm_assist.flow.wording import told
from crm_assist.types import Candidate, Phase, Verdict


def view_of(run: Run, decision_id: UUID | None, slate: Sequence[str], standing: Mapping[str, Suggestion]) -> RecordView:
    """The panel of this run, cut down to what the phase shows."""
    phase, result = run.admission.phase, run.result
    shown = RecordView(admission=run.admission, decision_id=decision_id)
    if not phase.opens(Phase.SCORE):
        return shown
    if result.is_silent_altogether:
        return replace(shown, silence=silence_of(result))
    own = tuple((code, product.text("name")) for code, product in run.knowledge.products.items())
    if not phase.opens(Phase.RECOMMEND):
        return replace(shown, score=result.score, products=own)
    by_code = {candidate.product: candidate for candidate in result.candidates}
    undoable = _undoable(run, slate)
    chosen = [_with_reasons(run, by_code[code]) for code in (*slate, *undoable) if code in by_code]
    return replace(
        shown,
        score=result.score,
        products=own,
        silence=None if slate else silence_of(result),
        suggestions=shown_suggestions(
            chosen,
            {**undoable, **standing},
            run.knowledge.products,
            agent_key=run.principal.key,
            now=run.now,
        ),
    )


def _undoable(run: Run, slate: Sequence[str]) -> dict[str, Suggestion]:
    """What this agent answered a moment ago and is not offered any more: a slip can be taken back all the same."""
    mine = {code: item for code, item in run.newest.items() if code not in slate and item.answered_by}
    agent = run.principal.key
    return {
        code: item for code, item in mine.items() if standing_of(item, agent_key=agent, now=run.now).undo_seconds > 0
    }


def showed_score(decision: Decision) -> bool:
    """Whether the agent saw a score with this decision, by its row: the same rules as `view_of`."""
    opened = Phase(decision.phase).opens(Phase.SCORE)
    return opened and decision.probability is not None and decision.silence not in ALTOGETHER


def _with_reasons(run: Run, candidate: Candidate) -> Candidate:
    if candidate.reasons:
        return candidate
    return told(explained(candidate, run.inputs, run.servings), run.inputs.snapshot.values, run.features)


def silence_of(result: Result) -> Verdict:
    """Why nothing is suggested, in words."""
    if result.customer is not None and not result.customer.open:
        return result.customer
    if result.silence == "record_failed":
        return Verdict(
            open=False, code="record_failed", message=_("Suggestions are away for a moment; nothing is lost.")
        )
    return Verdict(open=False, code="nothing_left", message=_("Nothing to suggest for this customer today."))
