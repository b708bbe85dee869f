"""The analyst's results: how suggestions fared by team, product, version or week, and why that changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_assist import flow
from crm_assist.types import Principal
from crm_assist.web import edge, pages, result_words, words
from crm_assist.web.problems import Refused, bad

USUAL_DAYS = 28
BY = {
    "team": gettext_lazy("Team"),
    "product": gettext_lazy("Product"),
    "version": gettext_lazy("Scorecard"),
    "phase": gettext_lazy("Phase"),
    "week": gettext_lazy("Week"),
}


@edge.for_person("GET", "HEAD")
def results(request: HttpRequest, principal: Principal) -> HttpResponse:
    """How the suggestions of some weeks fared, a line each by what is chosen, and against the time before."""
    found = looked_at(request.GET, principal)
    found["results_address"] = reverse("crm_assist:results")
    found["decisions_address"] = reverse("crm_assist:decisions")
    status = found["problem"].status if found.get("problem") else 200
    return pages.page(request, principal, "crm_assist/results.html", found, status=status)


def looked_at(query: QueryDict, principal: Principal) -> dict[str, Any]:
    """Everything on the page for what the address asks: a bounded number of statements over counts, none over the log.

    What cannot be asked is told beside the form, which keeps what was entered.
    """
    known, by = flow.known_names(principal), query.get("by", "team")[:20]
    form: dict[str, Any] = {
        "given": {name: query.get(name, "") for name in ("team", "product", "since", "until")},
        "by": by,
        "by_choices": [(code, str(name)) for code, name in BY.items()],
        "names": known,
        "product_names": [(row.code, row.text("name")) for row in known.products],
    }
    try:
        span = _span(query)
        form["given"] |= {"since": span.since.isoformat(), "until": span.until.isoformat()}
        return {**form, **_found(principal, span, by)}
    except Refused as error:
        return {**form, **_refused(error.problem)}
    except flow.BadAnswer as error:
        return {**form, **_refused(bad(error.field, str(error)).problem)}


def _refused(problem: Any) -> dict[str, Any]:
    return {"problem": problem, "problem_label": words.word(words.FIELDS, problem.field)}


def _found(principal: Principal, span: flow.Span, by: str) -> dict[str, Any]:
    rows = flow.results(principal, span, by=by)
    told: dict[str, Any] = {
        "whole": result_words.whole(rows),
        "rows": [result_words.row(one, by) for one in rows.rows],
        "is_cut": rows.is_cut,
        "column": str(BY[by]),
    }
    weeks = rows if by == "week" else flow.results(principal, span, by="week")
    told["weeks"] = [result_words.week(one) for one in weeks.rows]
    if by != "week":
        told["compared"] = result_words.compared(flow.result_change(principal, span, by=by), by)
    told["quiet"] = result_words.quiet(flow.silences(principal, rows.span), rows.span)
    return told


def _span(query: QueryDict) -> flow.Span:
    today = localdate()
    until = _day(query, "until") or today
    since = _day(query, "since") or until - timedelta(days=USUAL_DAYS - 1)
    texts = {name: _text(query, name) for name in ("team", "product")}
    return flow.Span(since=since, until=until, **texts)


def _day(query: Mapping[str, Any], name: str) -> date | None:
    text = str(query.get(name, "")).strip()
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None or not 1900 < found.year < 9000:
        raise bad(name, _("“%(value)s” is not a day; write it as 2026-11-30.") % {"value": text[:20]})
    return found


def _text(query: Mapping[str, Any], name: str) -> str:
    text = str(query.get(name, "")).strip()
    if "\x00" in text or len(text) > 100:
        raise bad(name, _("This text is too long: use at most %(longest)d characters.") % {"longest": 100})
    return text
