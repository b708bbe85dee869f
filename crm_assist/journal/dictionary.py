"""What every column of the log and of its views means: the data dictionary, made from the models and the views."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.utils import translation

from crm_assist.journal.tables import log_models
from crm_assist.journal.views import Kind, views

COLUMNS = {
    "id": "UUIDv7; rows sort by `at`, then `id`",
    "tenant": "the tenant; empty where there is only one",
    "at": "when the row was written, by the clock of the flow",
    "schema": "version of the row's and its payload's schema",
    "digest": "SHA-256 of the payload, with a random salt kept in it; empty without payload",
    "tx": "number of the transaction, for sealing in the database's own order; belongs to no hash",
    "subject": "our row that stands for the customer",
    "agent_key": "the agent, by the key of the principal; of a look: whose decisions were reviewed",
    "team": "the team by which the agent was admitted",
    "phase": "the phase in force",
    "admission": "why that phase was in force",
    "target": "what the score predicts",
    "probability": "the raw calibrated score, 0 to 1",
    "card": "digest of the card",
    "revision": "mark of what was published: cards, targets, products, rules",
    "code_version": "version of crm_assist",
    "offered": "how many suggestions were offered",
    "slate": "codes of the products offered, best first, with commas between",
    "silence": "why nothing was suggested, as a code",
    "fallback": "`live`, `stored` or `none`: how the score came about",
    "latency_ms": "how long it took until the row was written, in milliseconds",
    "decision_id": "the decision that the agent saw",
    "suggestion_id": "the suggestion that was answered",
    "product": "code of the product",
    "kind": "what was answered, or what the customer did, as a code",
    "reason": "of a response: the coded reason; of a change: why, in words",
    "until": "until when it was put off",
    "request_key": "the browser's key of the request: the same key twice is one answer",
    "occurred_at": "when the customer did it",
    "source": "who told it",
    "external_id": "a mark of the host's own id, by which it is known again; the id itself is not kept",
    "corrects": "the outcome row in whose place this one came when it was told",
    "before": "the phase or role before",
    "after": "the phase or role after",
    "percent": "percent of the team's agents who are admitted",
    "by": "who did it",
    "hold_id": "the hold that was lifted, or that put an erasure off",
    "rows_from": "a hold covers rows written from here on",
    "rows_until": "a hold covers rows written before",
    "ends_at": "when a hold ends by itself",
    "month": "the month in UTC whose payloads retention dropped, as `2026-03`",
    "payloads": "how many payloads of the tenant went with it",
    "kept": "how many stayed: held, or about nobody; the payload lists them",
    "retention_days": "`RETENTION_DAYS` at that time",
    "adapter": "the host's model, as `app.Model`",
    "version": "of an outcome: the highest one under the same id counts; else the number of the card's or the rule's",
    "code": "code of the rule",
    "step": "the question that the rule answers: `eligibility`, `applicability` or `suitability`",
    "group": "the group of products that the rule concerns",
    "document": "the rule's condition, as JSON",
    "texts": "the rule's own words by language, as JSON",
    "valid_from": "from when on the rule is in force",
    "valid_until": "until when, not included",
    "withdrawn": "whether the version takes the rule out of force",
}
"""What each column of the log means, whichever table it is in."""

TYPES = {
    Kind.TEXT: ("text", "string", "text"),
    Kind.CODE: ("text", "string", "text"),
    Kind.ID: ("text", "string", "UUID as text"),
    Kind.WHOLE: ("digits", "int64", "whole number"),
    Kind.NUMBER: ("shortest text that is the number again", "double", "number"),
    Kind.MOMENT: (
        "`2026-11-30 09:00:00.5+00`",
        "timestamp[us], UTC without zone",
        "`2026-11-30T09:00:00.500000+00:00`",
    ),
    Kind.YES_NO: ("`True`, `False`", "bool", "true or false"),
    Kind.NESTED: ("JSON in the cell", "string of JSON", "list or object"),
}
"""How each kind of column stands in CSV, Parquet and JSON lines."""

HEAD = """\
# Data dictionary

Printed by `python manage.py crm_assist_export --dictionary`, and made from the code: the views that leave the log, then
its tables. [How to export](../how-to/export.md).

What is not known is null: an empty cell in CSV, `null` in JSON, null in Parquet; it is never 0 or no. In CSV a text
that a spreadsheet would run as a formula has an apostrophe in front. In JSON what JSON cannot write is tagged:
`{"$decimal": "12.50"}`, `{"$float": "nan"}`."""


def dictionary() -> str:
    """The whole dictionary as Markdown, in English."""
    kinds = ((f"{kind}", *TYPES[kind]) for kind in Kind)
    parts = [HEAD, "## Types", _table(("type", "CSV", "Parquet", "JSON lines"), kinds)]
    for view in views():
        parts += [f"## View `{view.name}`", view.meaning]
        rows = ((f"`{one.name}`", str(one.kind), one.meaning) for one in view.columns)
        parts += [_table(("column", "type", "meaning"), rows)]
    with translation.override("en"):
        for model in log_models():
            parts += [f"## Table `{model._meta.db_table}`", _sentence(model)]
            rows = ((f"`{field.name}`", *_of_field(field)) for field in model._meta.concrete_fields)
            parts += [_table(("column", "type", "meaning"), rows)]
    return "\n\n".join(parts) + "\n"


WORDS = {
    "UUIDField": "UUID",
    "CharField": "text",
    "TextField": "text",
    "DateTimeField": "moment",
    "FloatField": "number",
    "ForeignKey": "whole number",
}


def _of_field(field: Any) -> tuple[str, str]:
    kind = WORDS.get(field.get_internal_type(), "whole number")
    length = f", at most {field.max_length}" if field.max_length else ""
    codes = ", ".join(f"`{code}`" for code, _label in field.flatchoices)
    return f"{kind}{length}{', or null' if field.null else ''}", COLUMNS[field.name] + (f": {codes}" if codes else "")


def _sentence(model: type[models.Model]) -> str:
    return " ".join((inspect.getdoc(model) or "").partition("\n\n")[0].split())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
