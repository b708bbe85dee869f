"""The statement that reads one customer, put into SQL once and used for every customer after that.

What the host decides anew each time stays so: its `visible()` is compiled for every request and stands inside. The rest
changes with the moment and a few texts alone. That is made sure of: features are given a moment that notes what is done
to it, the outcome is compared with what two real moments give, and now and then with what this request would give.
Wherever that fails, or a queryset or manager of the host does more than filter, the statement is made each time.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Manager, Model, QuerySet
from django.db.models.manager import BaseManager
from django.db.models.query import ModelIterable
from django.utils import timezone
from django.utils.translation import get_language

from crm_assist.customers import CustomerAdapter
from crm_assist.features.computed import Python
from crm_assist.features.elapsed import moment
from crm_assist.features.grouped import Grouped, related_model
from crm_assist.features.kinds import Feature
from crm_assist.features.plan import Columns, Plan, compiled
from crm_assist.moments import Looked, any_moment
from crm_assist.statements import Slot

logger = logging.getLogger("crm_assist.features")

AUDITED = 1_000
"""How many uses go by before a statement is compared again with what would be made now."""

MOST = 256
"""Statements kept in a process: adapters times tenants times languages."""

FAR = timedelta(days=397, hours=5, minutes=7)

_plans: dict[Hashable, tuple[Plan | None, tuple[Any, ...]]] = {}
"""Plans, each with the features it was made of: held here, so that no other object can take the place of one."""


def plan_for(
    adapter: CustomerAdapter, rows: QuerySet[Any], columns: Columns, *, mark: Hashable, values: Mapping[str, Any]
) -> Plan | None:
    """The plan for reading `columns` of one of the host's rows; None where each statement must be made anew.

    `values` holds the moment as `at`; `mark` tells what else the columns depend on.
    """
    if connections[rows.db].vendor != "postgresql" or not only_filters(rows, adapter.model):
        return None
    key = (
        adapter,
        tuple(map(id, adapter.features)),
        rows.db,
        mark,
        get_language(),
        settings.USE_TZ,
        settings.TIME_ZONE,
        timezone.get_current_timezone_name(),
    )
    if key not in _plans:
        if len(_plans) >= MOST:
            _plans.clear()
        _plans[key] = _made(adapter, rows.db, columns, values), tuple(adapter.features)
    plan, made_of = _plans[key]
    if plan is not None and next(plan.uses) % AUDITED == 0 and not _agrees(plan, adapter, rows.db, columns, values):
        logger.error("crm_assist.statement_differs", extra={"adapter": adapter.model_label})
        plan, _plans[key] = None, (None, made_of)
    return plan


def obstacle(adapter: CustomerAdapter, at: datetime) -> str:
    """Why the statement of this adapter is made anew for every record; nothing where it is made once."""
    rows = adapter.queryset()
    if connections[rows.db].vendor != "postgresql":
        return ""
    if not only_filters(rows, adapter.model):
        return "queryset() does more than filter"

    def columns(moment_: datetime, values: Mapping[str, Any]) -> dict[str, Any]:
        found = [one for one in adapter.features if isinstance(one, Feature) and not isinstance(one, Python)]
        return {f"assist_{place}": one.expression(adapter.model, moment_) for place, one in enumerate(found)}

    return _examined(adapter, rows.db, columns, {"at": moment(at)})[1]


def only_filters(rows: QuerySet[Any], model: type[Model]) -> bool:
    """Whether the host's queryset gives plain records of the model, so that its keys say all of it."""
    some: Any = rows
    query, kind = rows.query, type(rows)
    return (
        rows.model is model
        and rows._iterable_class is ModelIterable
        and kind._fetch_all is QuerySet._fetch_all
        and not (some._prefetch_related_lookups or some._known_related_objects)
        and not (query.annotations or query.select_related or query.extra or query.extra_tables)
        and not (query.combinator or query.is_sliced or query.select_for_update or query.distinct_fields)
        and query.group_by is None
        and query.deferred_loading == (frozenset(), True)
        and not hasattr(model._meta.pk, "fields")
    )


def _made(adapter: CustomerAdapter, using: str, columns: Columns, values: Mapping[str, Any]) -> Plan | None:
    plan, fault = _examined(adapter, using, columns, values)
    if plan is None:
        logger.info("crm_assist.statement_each_time", extra={"adapter": adapter.model_label, "why": fault})
    return plan


def _examined(
    adapter: CustomerAdapter, using: str, columns: Columns, values: Mapping[str, Any]
) -> tuple[Plan | None, str]:
    fault = _fault(adapter, values["at"])
    if fault:
        return None, fault
    try:
        plan = compiled(adapter, using, columns, _stand_ins(values))
    except Looked:
        return None, "a feature looks at the moment itself"
    except Exception as error:  # whatever a host's function makes of a stand-in, it works with a moment
        return None, f"a feature cannot be given a stand-in for the moment ({type(error).__name__})"
    far = {name: value + FAR if isinstance(value, datetime) else value for name, value in values.items()}
    if not all(_agrees(plan, adapter, using, columns, some) for some in (values, far)):
        return None, "a feature depends on more than the moment"
    return plan, ""


def _stand_ins(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: any_moment(value, name) if isinstance(value, datetime) else Slot(name) for name, value in values.items()
    }


def _agrees(plan: Plan, adapter: CustomerAdapter, using: str, columns: Columns, values: Mapping[str, Any]) -> bool:
    """Whether making the statement of these values gives the same."""
    anew = compiled(adapter, using, columns, values)
    filled = plan.before.filled(values)
    same = (anew.head, anew.tail, anew.after) == (plan.head, plan.tail, plan.after)
    return (
        same and filled == list(anew.before.params) and list(map(type, filled)) == list(map(type, anew.before.params))
    )


def _fault(adapter: CustomerAdapter, at: datetime) -> str:
    """Why the features cannot be put into SQL once: a manager that may filter by more than the query says."""
    for feature in adapter.features:
        assert isinstance(feature, Feature)
        for model in _asked(feature, adapter.model, at):
            if not _is_plain(model._default_manager):
                return f"the manager of {model._meta.label} has a rule of its own"
    return ""


def _asked(feature: Feature, model: type[Model], at: datetime) -> Iterator[type[Model]]:
    """The models whose rows a feature asks for by their managers."""
    source = feature.source_at(at)
    if isinstance(source, Grouped):
        yield related_model(model, source.relation)
        return
    waiting = [source]
    while waiting:
        some = waiting.pop()
        if getattr(some, "query", None) is not None:
            yield some.query.model
        if hasattr(some, "get_source_expressions"):
            waiting.extend(each for each in some.get_source_expressions() if each is not None)
        waiting.extend(child[1] if isinstance(child, tuple) else child for child in getattr(some, "children", ()))


def _is_plain(manager: Manager[Any]) -> bool:
    rows = manager._queryset_class  # type: ignore[attr-defined]
    return type(manager).get_queryset is BaseManager.get_queryset and all(
        getattr(rows, name) is getattr(QuerySet, name) for name in ("__init__", "_clone", "_chain", "filter", "exclude")
    )
