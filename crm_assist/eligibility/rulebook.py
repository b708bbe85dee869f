"""The rules of one tenant as they stand: written version by version, all or none, never edited."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm_assist.eligibility.models import RuleVersion
from crm_assist.eligibility.rule_checks import FIELDS, checked
from crm_assist.eligibility.rules.facts import RuleFacts, RuleStep
from crm_assist.eligibility.rules.terms import Terms
from crm_assist.events import emit_on_commit
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record

MOST_RULES = 500
"""The most rules of one tenant: each is asked of each customer."""


def facts_of(row: RuleVersion) -> RuleFacts:
    """The version as a value."""
    return RuleFacts(
        id=str(row.id),
        code=row.code,
        version=row.version,
        step=RuleStep(row.step),
        adapter=row.adapter,
        product=row.product,
        group=row.group,
        document=row.document,
        texts=texts_of(row),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def texts_of(row: RuleVersion) -> dict[str, dict[str, str]]:
    """The texts of a version by language."""
    return dict(json.loads(row.texts)) if row.texts else {}


def in_force(tenant: str) -> tuple[RuleFacts, ...]:
    """The newest version of each rule that was not withdrawn; a tenant's own code stands before the one of all.

    Where the tenant withdrew its own, the rule of all holds again.
    """
    found: dict[str, RuleVersion] = {}
    for row in RuleVersion.objects.known_to(tenant).newest():
        if not row.withdrawn:
            found.setdefault(row.code, row)
    return tuple(facts_of(row) for row in found.values())


def versions(ids: Iterable[str]) -> tuple[RuleFacts, ...]:
    """These versions as they were written, in the order of the ids; those that are not there are left out."""
    wanted = list(ids)
    if not wanted:
        return ()
    found = {str(row.id): facts_of(row) for row in RuleVersion.objects.filter(pk__in=wanted)}
    return tuple(found[each] for each in wanted if each in found)


def save_rules(
    *, tenant: str, rows: Iterable[Mapping[str, Any]], terms: Mapping[str, Terms], by: str, reason: str, now: datetime
) -> int:
    """Write a new version of each rule that differs from its newest one, all or none; says how many.

    `terms` are the features by adapter. Raises ValidationError with a message by field.
    """
    with transaction.atomic():
        written = sum(_save(tenant, checked(values, terms), by, reason, now) for values in rows)
        standing = RuleVersion.objects.filter(tenant=tenant).newest().filter(withdrawn=False).count()
        if standing > MOST_RULES:
            words = {"most": str(MOST_RULES)}
            raise ValidationError({"code": _("There would be more than %(most)s rules; withdraw some first.") % words})
        emit_on_commit("rules.saved", tenant=tenant, changed=written)
        return written


def withdraw_rule(*, tenant: str, code: str, by: str, reason: str, now: datetime) -> RuleVersion:
    """Take a rule out of force by a version that says so; ValidationError where there is none in force."""
    with transaction.atomic():
        newest = _newest(tenant, code)
        if newest is None or newest.withdrawn:
            raise ValidationError({"code": _("No rule “%(value)s” is in force.") % {"value": code[:60]}})
        values = {name: getattr(newest, name) for name in COLUMNS}
        row = _written(tenant, values | {"withdrawn": True}, newest.version + 1, by, reason, now)
        emit_on_commit("rule.withdrawn", tenant=tenant)
        return row


COLUMNS = (*(name for name in FIELDS if name not in ("texts", "document")), "texts", "document")


def _newest(tenant: str, code: str) -> RuleVersion | None:
    rows = RuleVersion.objects.filter(tenant=tenant, code=code)
    found: RuleVersion | None = rows.order_by("-version").first()
    return found


def _save(tenant: str, values: Mapping[str, Any], by: str, reason: str, now: datetime) -> bool:
    newest = _newest(tenant, values["code"])
    wanted = {"valid_from": now, **values} if newest is None else {"valid_from": newest.valid_from, **values}
    if wanted["valid_until"] is not None and wanted["valid_until"] <= wanted["valid_from"]:
        raise ValidationError({"valid_until": _("The end is not after the beginning.")})
    same = newest is not None and not newest.withdrawn
    if same and all(getattr(newest, name) == wanted[name] for name in COLUMNS):
        return False
    _written(tenant, wanted, 1 if newest is None else newest.version + 1, by, reason, now)
    return True


def _written(tenant: str, values: Mapping[str, Any], version: int, by: str, reason: str, now: datetime) -> RuleVersion:
    row = RuleVersion(id=uuid7(now), tenant=tenant, at=now, version=version, by=by, reason=reason, **values)
    return record(row, None)
