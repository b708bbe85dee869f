"""The score of one customer as JSON: the lean address for a host's own screens and programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.http import parse_etags

from crm_assist import flow
from crm_assist.types import Phase, Principal, ShownScore, Verdict
from crm_assist.web import edge
from crm_assist.web.panel import asked, etag, weak


@edge.for_program("GET", "HEAD")
def score(request: HttpRequest, principal: Principal) -> HttpResponse:
    """What the record's score is now, or 304 when the reader has it; the same nothing in every phase below `score`."""
    model, key = asked(request)
    record = flow.record(principal, model, key, now=timezone.now())
    tag = etag(record.etag)
    given = request.META.get("HTTP_IF_NONE_MATCH")
    if given and tag in map(weak, parse_etags(given)):
        return HttpResponse(status=304, headers={"ETag": tag})
    return JsonResponse(score_of(record), headers={"ETag": tag})


def score_of(record: flow.RecordView) -> dict[str, Any]:
    """The score of a record as plain data, held to the phase once more."""
    if not record.admission.phase.opens(Phase.SCORE):
        return {"decision": None, "score": None, "silence": None, "away": False}
    return {
        "decision": record.decision_id and str(record.decision_id),
        "score": _score(record.score) if record.score else None,
        "silence": _silence(record.silence) if record.silence else None,
        "away": record.away,
    }


def _score(score: ShownScore) -> dict[str, Any]:
    """Computed numbers as they are: rounding, and the clamp to 1..99 %, are the screen's."""
    return {
        "target": score.target,
        "label": str(score.label),
        "horizon_days": score.horizon_days,
        "probability": score.probability,
        "interval": None if score.stale else [score.low, score.high],
        "band": score.band,
        "trend": None if score.stale else score.trend.value,
        "usual": score.base,
        "reasons": [
            {
                "feature": reason.feature,
                "beside": reason.beside,
                "label": reason.label,
                "value": reason.value,
                "sentence": reason.sentence,
                "for": reason.points > 0,
                "changeable": reason.changeable,
            }
            for reason in score.reasons
        ],
        "as_of": score.as_of.isoformat(),
        "card_version": score.version,
        "stale": score.stale,
        "thin": score.thin,
    }


def _silence(silence: Verdict) -> dict[str, str]:
    return {"code": silence.code, "message": silence.message}
