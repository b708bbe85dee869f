"""Decisions in words, for the analyst's pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.formats import localize
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.decisions.models import Decision, Response
from crm_assist.web import words
from crm_assist.web.panel_view import moment


def rows(decisions: Sequence[Decision], names: Mapping[str, str], known: flow.Names) -> list[dict[str, Any]]:
    """One line for each decision of a page, with the answers given to it, in one further statement."""
    answers = _answers(decisions, known)
    told = {row.id: {"answers": answers[row.id], "agent_name": names.get(row.agent_key, "")} for row in decisions}
    return [{**line(row, known), **told[row.id]} for row in decisions]


def _answers(decisions: Iterable[Decision], known: flow.Names) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    # The type checker takes the log's shared manager for that of the abstract row, hence the mapping.
    given = {"decision_id__in": [row.id for row in decisions]}
    for one in Response.objects.filter(**given):
        found[one.decision_id].append(answer(one, known))
    return found


def answer(response: Response, known: flow.Names) -> str:
    """An answer in words: product, answer, reason."""
    reason = words.word(words.REASONS, response.reason) if response.reason else ""
    said = f"{called(response.product, known)} · {words.word(words.RESPONSES, response.kind)}"
    return f"{said} ({reason})" if reason else said


def called(code: str, known: flow.Names) -> str:
    """A product by its name in the catalogue; by its code where the catalogue does not have it any more."""
    return known.product(code) or code


def line(row: Decision, known: flow.Names) -> dict[str, Any]:
    """The frame of a decision in words."""
    return {
        "id": row.id,
        "at": moment(row.at),
        "agent": row.agent_key,
        "team": row.team,
        "phase": words.word(words.PHASES, row.phase),
        "phase_code": row.phase,
        "key": row.subject.key,
        "model": row.subject.model_label,
        "percent": words.percent(row.probability) if row.probability is not None else "",
        "products": [(code, known.product(code)) for code in row.slate.split(",") if code],
        "silence": words.silence(row.silence) if row.silence else "",
    }


def plain(value: Any) -> str:
    """A logged value in the reader's language and format; a text stands as it is."""
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | Decimal):
        return str(localize(value, use_l10n=True))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, str) and len(value) > len("2026-01-01T00:00") and (at := _read(value)) is not None:
        return moment(at)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(plain(part) for part in value) or _("none")
    return str(value)


def _read(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def replayed(result: flow.Replay) -> dict[str, Any]:
    """The result of a replay in words."""
    differences = [(path, plain(then), plain(again)) for path, then, again in result.differences]
    words_of = {
        "identical": _("Replayed: the same result, number for number."),
        "differs": _("Replayed: the result differs."),
        "erased": _("The data of this decision was erased; it cannot be replayed."),
        "altered": _("The data of this decision was altered after it was written; it cannot be replayed."),
        "rule_missing": _("A version of a rule of that time is missing; it cannot be replayed."),
        "card_missing": _("A scorecard of that time is missing; it cannot be replayed."),
    }
    return {
        "good": result.identical,
        "text": words_of.get(result.code, result.code),
        "differences": differences,
    }
