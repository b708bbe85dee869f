"""`python -m docs.reference_pages`: the pages of the reference that the code itself can tell, written anew."""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from itertools import pairwise
from logging import getLevelName
from pathlib import Path
from types import ModuleType
from typing import Any, get_origin

import django

PAGES = Path(__file__).parent / "reference"
MADE = "<!-- Made from the code by `python -m docs.reference_pages`. -->"


def sentence(thing: Any) -> str:
    """The first paragraph of a docstring on one line, fit for a table."""
    text = inspect.getdoc(thing) or ""
    return " ".join(text.partition("\n\n")[0].split()).replace("|", "\\|")


def call(name: str, thing: Any) -> str:
    """How a function is called: its parameters with plain defaults, without types."""
    if inspect.isclass(thing) or not callable(thing):
        return name
    parameters = [one.replace(annotation=one.empty) for one in inspect.signature(thing).parameters.values()]
    plain = [one if _is_plain(one.default) else one.replace(default=None) for one in parameters if one.name != "self"]
    return name + str(inspect.Signature(plain))


def _is_plain(default: Any) -> bool:
    return default is inspect.Parameter.empty or isinstance(default, str | int | float | bool | None)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _names(module: ModuleType) -> str:
    found = ((name, getattr(module, name)) for name in module.__all__)
    told = ((name, one) for name, one in found if inspect.isclass(one) or inspect.isroutine(one))
    return table(("name", "what it promises"), ((f"`{call(name, one)}`", sentence(one)) for name, one in told))


def api() -> str:
    """The page of the public Python names."""
    # The rooms import models: Django must be set up first.
    from crm_assist import customers, features, flow, journal, learning, scorecards, signals, types

    parts = [MADE, "# Python API", "Everything a host may import. `now` is always an aware moment that you pass in."]
    for module in (flow, customers, features, learning, scorecards, journal):
        parts += [f"## `{module.__name__}`", sentence(module), _names(module)]
    values = {name: one for name, one in vars(types).items() if getattr(one, "__module__", "") == types.__name__}
    parts += [f"## `{types.__name__}`", sentence(types)]
    parts += [table(("value", "what it is"), ((f"`{name}`", sentence(one)) for name, one in values.items()))]
    parts += [f"## `{signals.__name__}`", sentence(signals)]
    sent = ("customer_scored", "suggestion_answered", "phase_changed", "outcome_recorded")
    parts += ["\n".join(f"- `{name}`" for name in sent)]
    return "\n\n".join(parts) + "\n"


def adapter() -> str:
    """The page of the adapter's hooks."""
    from crm_assist.customers import CustomerAdapter  # as above
    from crm_assist.customers.adapter import keys
    from crm_assist.features import kinds

    hooks = [(n, h) for n, h in vars(CustomerAdapter).items() if inspect.isfunction(h) and not n.startswith("_")]
    rows = ((f"`{call(name, hook)}`", sentence(hook)) for name, hook in hooks)
    told = [
        ("`features`", "what may be learned from and shown: [how to declare them](../how-to/features.md)"),
        (
            "`key_field`",
            f"a stable unique field that is the key, at most {keys.LONGEST} characters; None: the primary key",
        ),
        ("`main_target`", "name of the target whose score stands on the record; empty: the one marked as main"),
        ("`ignored_updates`", "saving these fields alone changes nothing for us; `last_login` by default"),
    ]
    parts = [MADE, "# The adapter", sentence(CustomerAdapter), "## Attributes", table(("name", "meaning"), told)]
    keywords = [one for one in fields(kinds.Feature) if one.kw_only]
    said = (
        (f"`{one.name}`", "must be given" if one.default is MISSING else f"`{one.default!r}`".replace("'", '"'), says)
        for one, says in zip(keywords, _attribute_docs(kinds, "Feature"), strict=True)
    )
    parts += ["## What is said of a feature", "Keywords of every kind, f.Python included."]
    parts += [table(("keyword", "default", "meaning"), said)]
    return "\n\n".join([*parts, "## Hooks", table(("hook", "promise and default"), rows)]) + "\n"


def log() -> str:
    """The page of the log's tables and columns."""
    from crm_assist.journal.dictionary import COLUMNS  # as above
    from crm_assist.journal.models import Payload, Seal
    from crm_assist.journal.tables import log_models

    parts = [MADE, "# The log's columns"]
    parts += ["Rows are written once. Names, features and texts are in the payload beside the row, never in it."]
    for model in log_models():
        fields = [field.name for field in model._meta.concrete_fields]
        parts += [f"## `{model._meta.db_table}`", sentence(model)]
        parts += [table(("column", "meaning"), ((f"`{name}`", COLUMNS[name]) for name in fields))]
    for beside in (Payload, Seal):
        names = ", ".join(f"`{field.name}`" for field in beside._meta.concrete_fields)
        parts += [f"## `{beside._meta.db_table}`", f"{sentence(beside)} Columns: {names}."]
    told = "What leaves the log, with the type of each column: [the data dictionary](data-dictionary.md)."
    return "\n\n".join([*parts, told]) + "\n"


def data_dictionary() -> str:
    """The page of the views that leave the log, and of the tables behind them."""
    from crm_assist.journal.dictionary import dictionary  # as above

    return f"{MADE}\n\n{dictionary()}"


SETTINGS_AFTER = """\
What stands in the way is named by `manage.py check`: no dictionary (E001), an unknown name (E002), a wrong type
(E003), a number out of range (E004), an entry of `EXTRA_SENDERS` that leads nowhere (E005), a secret that can be
guessed (E007).

Django's own settings that matter: `LOGIN_URL` is where our pages send people who are not signed in; `USE_TZ` must be on
(E006); `LANGUAGES` decides in which languages texts are shown (English and French are translated)."""


def settings() -> str:
    """The page of the settings: name, default, range, type and what it does, as conf.py and the checks have them."""
    from crm_assist import conf  # as above
    from crm_assist.checks.settings import RANGES

    parts = [
        MADE,
        "# Settings",
        "One dictionary in your Django settings, read live. What you leave out has the default.",
    ]
    parts += ['```python\nCRM_ASSIST = {"MAX_SUGGESTIONS": 3, "EXTRA_SENDERS": ["crm.Contact:customer"]}\n```']
    rows = [
        (
            f"`{name}`",
            f"`{getattr(conf.Settings, name)!r}`".replace("'", '"'),
            f"{RANGES[name][0]} to {RANGES[name][1]}" if name in RANGES else "",
            "list of texts"
            if get_origin(kind) is tuple
            else {"bool": "yes or no", "str": "text"}.get(kind.__name__, "number"),
            says,
        )
        for (name, kind), says in zip(conf.declared().items(), _attribute_docs(conf, "Settings"), strict=True)
    ]
    parts += [table(("name", "default", "range", "type", "what it does"), rows), SETTINGS_AFTER]
    return "\n\n".join(parts) + "\n"


def _type_in_words(kind: type) -> str:
    return "list of texts" if get_origin(kind) is tuple else {bool: "yes or no", str: "text", int: "number"}[kind]


def _attribute_docs(module: ModuleType, owner: str) -> list[str]:
    """The text below each attribute of a class, in their order."""
    tree = ast.parse(inspect.getsource(module))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == owner)
    below = pairwise(body)
    return [
        " ".join(str(told.value.value).split())
        for named, told in below
        if isinstance(named, ast.AnnAssign) and isinstance(told, ast.Expr) and isinstance(told.value, ast.Constant)
    ]


def events() -> str:
    """The page of the events that are told to those who run the site."""
    from crm_assist import events as told  # as above

    parts = [MADE, "# Events", sentence(told), (inspect.getdoc(told) or "").partition("\n\n")[2]]
    parts += [
        "Each is one record of the logger `crm_assist.events`: the name is in `record.event`, each field an attribute "
        "beside it, for a formatter of the host's choice. [How to watch them](../how-to/monitor.md)."
    ]
    rows = (
        (f"`{name}`", getLevelName(one.level).lower(), ", ".join(f"`{f}`" for f in one.fields), one.says)
        for name, one in told.EVENTS.items()
    )
    parts += [table(("event", "level", "fields", "what happened"), rows), "## Fields"]
    parts += [table(("field", "meaning"), ((f"`{name}`", says) for name, says in told.FIELDS.items()))]
    return "\n\n".join(parts) + "\n"


def faults() -> str:
    """The page of what verification of the log may find."""
    from crm_assist.journal.faults import MEANINGS, Fault, FaultKind

    one = Fault(kind=FaultKind.MISSING, tenant="north", table="crm_assist.decision", row_id="019c…", message="…")
    parts = [MADE, "# Faults of the log"]
    parts += [
        "`crm_assist_log verify` and the admin's page of the log name each fault by its code, the table, the row and "
        "the tenant, and say in words what is wrong; the command ends with status 1.",
        f"```text\n{one}\n```",
    ]
    rows = ((f"`{kind}`", MEANINGS[kind].says, MEANINGS[kind].remedy) for kind in FaultKind)
    return "\n\n".join([*parts, table(("code", "what it says", "what to do"), rows)]) + "\n"


WRITERS = {
    "settings.md": settings,
    "events.md": events,
    "api.md": api,
    "adapter.md": adapter,
    "log.md": log,
    "data-dictionary.md": data_dictionary,
    "faults.md": faults,
}


def main() -> None:
    """Write every page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    for name, write in WRITERS.items():
        (PAGES / name).write_text(write())


if __name__ == "__main__":
    main()
