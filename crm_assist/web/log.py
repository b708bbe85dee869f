"""The analyst's pages: decisions by filter, one of them whole, its replay, and the export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.types import Phase, Principal
from crm_assist.web import edge, log_decision, log_rows, pages, words
from crm_assist.web.log_filters import address_of, by_name, cursor_of, filters_of, written
from crm_assist.web.panel_view import moment
from crm_assist.web.problems import Refused, bad
from crm_assist.web.streaming import streamed

ON_A_PAGE = 50
REPLAYED = "replayed"
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


@edge.for_person("GET", "HEAD")
def decisions(request: HttpRequest, principal: Principal) -> HttpResponse:
    """The decisions that pass the filters, newest first, a page at a time by place and not by number."""
    found = listed(request.GET, principal, decision_address)
    found |= {"list_address": reverse("crm_assist:decisions"), "export_address": reverse("crm_assist:export")}
    return pages.page(request, principal, "crm_assist/decisions.html", found, status=status_of(found))


def decision_address(decision_id: UUID) -> str:
    """Where one decision is shown whole."""
    return reverse("crm_assist:decision", args=[decision_id])


def listed(query: QueryDict, principal: Principal, address: Callable[[UUID], str]) -> dict[str, Any]:
    """A page of decisions for the filters and the place in the address: four statements, and nothing is counted.

    A filter that cannot be used is told beside the form, which keeps what was entered.
    """
    known = flow.known_names(principal)
    form = {
        "given": query,
        "choices": choices(),
        "names": known,
        "product_names": [(row.code, row.text("name")) for row in known.products],
        "may_view_agent": principal.may("view_agent"),
    }
    try:
        return {**form, **_found(query, principal, known, address)}
    except Refused as error:
        problem = error.problem
        return {**form, "problem": problem, "problem_label": words.word(words.FIELDS, problem.field)}


def status_of(found: Mapping[str, Any]) -> int:
    """How a page of decisions is answered: 400 when a filter cannot be used."""
    problem = found.get("problem")
    return problem.status if problem else 200


def _found(query: QueryDict, principal: Principal, known: flow.Names, address: Callable[[UUID], str]) -> dict[str, Any]:
    filters, cursor = by_name(principal, query, known), cursor_of(query)
    rows = flow.decisions(principal, filters).select_related("subject")
    if cursor is not None:
        at, identity = cursor
        rows = rows.filter(at__lte=at).exclude(at=at, id__gte=identity)
    found = list(rows[: ON_A_PAGE + 1])
    shown, more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
    names = flow.names({row.agent_key for row in shown})
    return {
        "rows": [{**row, "address": address(row["id"])} for row in log_rows.rows(shown, names, known)],
        "next": address_of(query, after=written(shown[-1].at, shown[-1].id)) if more else "",
        "first": address_of(query) if cursor is not None else "",
        "is_later_page": cursor is not None,
        "exports": _exports(query, principal),
        "looks": _looks(principal, filters.agent),
    }


def _looks(principal: Principal, agent: str) -> list[tuple[str, str]]:
    """When and by whom the decisions of the one agent were reviewed, where they are."""
    if not agent or not principal.may("view_agent"):
        return []
    return [(moment(one.at), one.by) for one in flow.looks(principal, agent=agent)]


def _exports(query: QueryDict, principal: Principal) -> list[tuple[str, str, bool]]:
    """Form, address and whether keys stand in clear, of each download that the person may have."""
    if not principal.may("export_log"):
        return []
    clear = (False, True) if principal.may("export_names") else (False,)
    return [
        (code, address_of(query, format=code, names="1" if named else ""), named) for named in clear for code in FORMATS
    ]


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
    found = whole(principal, decision_id, request.GET)
    found["replay_address"] = reverse("crm_assist:replay", args=[decision_id])
    if principal.may("view_dossier") and not found["decision"]["erased"]:
        whose = {"model": found["decision"]["model"], "key": found["decision"]["key"]}
        found["dossier_address"] = f"{reverse('crm_assist:dossier')}?{urlencode(whose)}"
    return pages.page(request, principal, "crm_assist/decision.html", found)


@edge.sent_from(decision_address)
@edge.for_person("POST")
def replay(request: HttpRequest, principal: Principal, decision_id: UUID) -> HttpResponse:
    """Decide again by the recorded versions; the decision's page says whether it comes out the same."""
    flow.decision(principal, decision_id)
    return HttpResponseRedirect(replayed_at(decision_address(decision_id)))


def replayed_at(address: str) -> str:
    """The address of a decision's page with its replay, which may be loaded again and in any language."""
    return f"{address}?{urlencode({REPLAYED: 1})}"


def whole(principal: Principal, decision_id: UUID, query: QueryDict) -> dict[str, Any]:
    """One decision in words, and its replay when the address asks for it."""
    result = flow.replay(principal, decision_id) if query.get(REPLAYED) == "1" else None
    view = flow.decision(principal, decision_id)
    people: tuple[Any, ...] = (*view.responses, *view.score_answers, *view.own_offers)
    names = flow.names({view.row.agent_key, *(one.agent_key for one in people)})
    told = {"decision": log_decision.whole(view, names, flow.known_names(principal))}
    return {**told, "replay": log_rows.replayed(result)} if result is not None else told


@edge.for_person("GET")
def export(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """The decisions that pass the filters as CSV or JSON lines, streamed; needs a permission, keys another."""
    return exported(request, principal)


def _asked(query: QueryDict, principal: Principal) -> flow.Filters:
    filters = filters_of(query)
    is_named = filters.product or filters.team or filters.agent
    return by_name(principal, query, flow.known_names(principal)) if is_named else filters


def exported(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """The file that the address asks for, by its filters and its `format`."""
    chosen = request.GET.get("format", "csv")
    if chosen not in FORMATS:
        known = ", ".join(FORMATS)
        raise bad("format", _("“%(value)s” is not a format; use %(known)s.") % {"value": chosen[:20], "known": known})
    named = request.GET.get("names", "") == "1"
    lines: Iterable[str] = flow.export(principal, _asked(request.GET, principal), format=chosen, names=named)
    response = streamed(request, lines, content_type=FORMATS[chosen])
    day = timezone.now().strftime("%Y-%m-%d")
    response["Content-Disposition"] = f'attachment; filename="decisions-{day}.{chosen}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
