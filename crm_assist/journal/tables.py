"""Which tables make up the log: every concrete kind of row, the payloads and the seals."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections, models, router

from crm_assist.journal.models import LogRow, Payload, Seal


def log_models() -> list[type[LogRow]]:
    """Every concrete kind of log row, by name: the order in which seals and verification go through them."""
    found = [model for model in apps.get_models() if issubclass(model, LogRow)]
    return sorted(found, key=lambda model: model._meta.label_lower)


def log_model(name: str) -> type[LogRow] | None:
    """The kind of row that seals call `name`; None for one that no longer exists."""
    return next((model for model in log_models() if model._meta.label_lower == name), None)


def subject_model() -> type[models.Model]:
    """The model of those whom rows are about; the journal lies below the room that has it, and asks the rows."""
    subjects = (own_subject(model) for model in log_models())
    return next(found for found in subjects if found is not None)


def own_subject(model: type[LogRow]) -> type[models.Model] | None:
    """The model of those whom this kind of row is about; None where it is about nobody."""
    found: Any = next((field for field in model._meta.concrete_fields if field.name == "subject"), None)
    return found.related_model if found is not None and found.is_relation else None


def append_only_models(using: str) -> list[type[models.Model]]:
    """The models whose tables stand in this database and need guards."""
    tables = set(connections[using].introspection.table_names())
    models_of_log: list[type[models.Model]] = [*log_models(), Seal, Payload]
    return [
        model for model in models_of_log if router.allow_migrate_model(using, model) and model._meta.db_table in tables
    ]
