"""The analyst's pages: decisions by filter, one of them whole, its replay, and the export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.types import Phase, Principal
from crm_assist.web import edge, log_rows, pages, words
from crm_assist.web.log_filters import address_of, cursor_of, filters_of, written
from crm_assist.web.problems import bad
from crm_assist.web.streaming import streamed

ON_A_PAGE = 50
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


@edge.for_person("GET", "HEAD")
def decisions(request: HttpRequest, principal: Principal) -> HttpResponse:
    """The decisions that pass the filters, newest first, a page at a time by place and not by number."""
    filters, cursor = filters_of(request.GET), cursor_of(request.GET)
    rows = flow.decisions(principal, filters).select_related("subject")
    if cursor is not None:
        at, identity = cursor
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=identity))
    found = list(rows[: ON_A_PAGE + 1])
    shown, more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
    context = {
        "rows": log_rows.rows(shown),
        "next": address_of(request.GET, after=written(shown[-1].at, shown[-1].id)) if more else "",
        "first": address_of(request.GET) if cursor is not None else "",
        "is_later_page": cursor is not None,
        "given": request.GET,
        "choices": choices(),
        "exports": [(code, address_of(request.GET, format=code)) for code in FORMATS]
        if principal.may("export_log")
        else [],
    }
    return pages.page(request, principal, "crm_assist/decisions.html", context)


def choices() -> dict[str, list[tuple[str, str]]]:
    """What each coded filter can be."""
    return {
        "phase": [(phase.value, words.word(words.PHASES, phase.value)) for phase in Phase if phase is not Phase.OFF],
        "response": _pairs(words.RESPONSES),
        "reason": _pairs(words.REASONS),
        "silence": _pairs(words.SILENCES),
    }


def _pairs(table: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(code, str(text)) for code, text in table.items()]


@edge.for_person("GET", "HEAD")
def decision(request: HttpRequest, principal: Principal, decision_id: UUID) -> HttpResponse:
    """One decision: what the agent saw, every candidate with its verdicts, and what followed."""
    found = flow.decision(principal, decision_id)
    return pages.page(request, principal, "crm_assist/decision.html", {"decision": log_rows.whole(found)})


@edge.for_person("POST")
def replay(request: HttpRequest, principal: Principal, decision_id: UUID) -> HttpResponse:
    """Decide again by the recorded versions, and say whether it comes out the same."""
    result = flow.replay(principal, decision_id)
    context = {"decision": log_rows.whole(flow.decision(principal, decision_id)), "replay": log_rows.replayed(result)}
    return pages.page(request, principal, "crm_assist/decision.html", context)


@edge.for_person("GET")
def export(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """The decisions that pass the filters as CSV or JSON lines, streamed; needs a permission of its own."""
    chosen = request.GET.get("format", "csv")
    if chosen not in FORMATS:
        known = ", ".join(FORMATS)
        raise bad("format", _("“%(value)s” is not a format; use %(known)s.") % {"value": chosen[:20], "known": known})
    lines: Iterable[str] = flow.export(principal, filters_of(request.GET), format=chosen)
    response = streamed(request, lines, content_type=FORMATS[chosen])
    day = timezone.now().strftime("%Y-%m-%d")
    response["Content-Disposition"] = f'attachment; filename="decisions-{day}.{chosen}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
