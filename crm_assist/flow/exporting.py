"""What leaves the log: the decisions that pass a person's filters as lines, and whole views to a file.

Customers and agents leave under pseudonyms; their own keys only when somebody chose so, and may.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from crm_assist.conf import settings
from crm_assist.events import emit
from crm_assist.flow.errors import BadAnswer, require
from crm_assist.flow.export_bandit import BANDIT
from crm_assist.flow.export_decisions import DECISIONS
from crm_assist.flow.export_narrow import NARROW
from crm_assist.flow.review import Filters, decisions
from crm_assist.journal.cursors import Cursor
from crm_assist.journal.export import TooManyRows, bounded, csv_lines, joined_records, json_lines
from crm_assist.journal.export_file import Question, write_file
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.views import register
from crm_assist.types import Principal

VIEWS = {view.name: view for view in (DECISIONS, NARROW, BANDIT)}
"""What may be taken out, by name; the first is what a page gives."""

LINES = {"csv": csv_lines, "jsonl": json_lines}


def export(
    principal: Principal, filters: Filters, format: str = "csv", *, view: str = "decisions", names: bool = False
) -> Iterator[str]:
    """Lines of the person's tenant's decisions, oldest first; refused before the first one, or complete.

    Customers and agents by pseudonym, or with `names` by their keys, and then with comments too. NotAllowed without
    `export_log`, and with `names` without `export_names`; BadAnswer for another format than csv or jsonl, another view
    than those of the data dictionary, and more than EXPORT_ROWS.
    """
    require(principal, "export_log")
    if names:
        require(principal, "export_names")
    if format not in LINES:
        words = {"value": format[:20], "known": ", ".join(LINES)}
        raise BadAnswer("format", _("“%(value)s” is not a format; use one of %(known)s.") % words)
    if view not in VIEWS:
        words = {"value": view[:20], "known": ", ".join(VIEWS)}
        raise BadAnswer("view", _("“%(value)s” is not a view; use one of %(known)s.") % words)
    wanted = VIEWS[view]
    try:
        rows = bounded(
            decisions(principal, filters).order_by("at", "id").select_related(*wanted.related), settings.EXPORT_ROWS
        )
    except TooManyRows as error:
        words = {"limit": str(settings.EXPORT_ROWS)}
        raise BadAnswer(
            "since", _("More than %(limit)s decisions pass the filters; choose a shorter time.") % words
        ) from error
    _tell(principal.tenant, format, names)
    columns = wanted.cells if format == "csv" else wanted.names
    return LINES[format](columns, joined_records(rows, wanted.records, Names(clear=names)))


def export_file(question: Question, path: Path, *, resume: bool = False) -> Iterator[Cursor]:
    """Write a view to a file, telling how far at the start and after each chunk; nobody is asked for a permission.

    The file has its name once this is exhausted. Interrupted at any moment it is gone on with by `resume`, and no line
    is lost or doubled. Raises what `journal.export_file.write_file` does.
    """
    for place, cursor in enumerate(write_file(question, path, resume=resume)):
        if place == 0:
            _tell(question.tenant, question.form, question.clear)
        yield cursor


def register_views() -> None:
    """Make the views known to the journal, which writes and reads them; start-up does."""
    for view in VIEWS.values():
        register(view)


def _tell(tenant: str, format: str, names: bool) -> None:
    emit("export.started", tenant=tenant, format=format)
    if names:
        emit("export.named", tenant=tenant, format=format)
