"""One real record, step by step, for one real person; nothing is logged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.management.doctor.facts import tried_hooks
from crm_assist.management.doctor.finding import Finding, block, good
from crm_assist.management.doctor.sight import tried_visible
from crm_assist.management.doctor.trying import fault
from crm_assist.rollout.admission import admission
from crm_assist.types import Phase, Principal


def walk(*, model: str, key: str, user: str, now: datetime) -> Iterator[Finding]:
    """From the person to the phase, the visible record, its features and its facts."""
    try:
        adapter = customers.adapter_for(model)
    except customers.NotRegistered as error:
        yield block(str(error), "Name a registered model as app.Model.", ends=True)
        return
    try:
        principal = _principal(adapter, user)
    except Exception as error:
        yield fault(adapter, "principal", error, about=f"asked as {user}")
        return
    if principal is None or not principal.key:
        yield block(f"{user!r} is nobody here", "Name an active user by primary key or user name.", ends=True)
        return
    teams, tenant = ", ".join(principal.teams) or "none", principal.tenant or "none"
    yield good(f"{principal.name or principal.key}: key {principal.key}, teams: {teams}, tenant: {tenant}")
    yield _phase(principal)
    yield from _record(principal, adapter, key, now)


def _principal(adapter: CustomerAdapter, name: str) -> Principal | None:
    if not apps.is_installed("django.contrib.auth") and "." not in settings.AUTH_USER_MODEL:
        return None
    try:
        model: Any = apps.get_model(settings.AUTH_USER_MODEL)
    except LookupError:
        return None
    found = model._default_manager.filter(**{getattr(model, "USERNAME_FIELD", "pk"): name}).first()
    if found is None and name.isdigit():
        found = model._default_manager.filter(pk=name).first()
    request = HttpRequest()
    request.user = found
    return customers.who_asks(request, adapter)


def _phase(principal: Principal) -> Finding:
    admitted, _ = admission(principal)
    text = f"phase {admitted.phase} ({admitted.code})"
    if admitted.phase.opens(Phase.SCORE):
        return good(text)
    return block(f"{text}: nothing is shown", "Move one of the person's teams up, or the default.")


def _record(principal: Principal, adapter: CustomerAdapter, key: str, now: datetime) -> Iterator[Finding]:
    sight = list(tried_visible(adapter, replace(principal, is_superuser=False)))
    yield from sight
    if any(finding.blocks for finding in sight):
        return
    try:
        obj = customers.resolve(principal, adapter.model_label, key)
    except customers.CustomerNotFound:
        there = bool(customers.load(adapter, [key]))
        text = "exists, but this person may not see it" if there else "does not exist, or queryset() leaves it out"
        yield block(f"customer {key} {text}", "Look at visible(), tenant() and queryset() of the adapter.", ends=True)
        return
    yield from tried_hooks(adapter, obj)
    yield good(f"customer {key}: {adapter.label(obj)}")
    declared, reading = features.declared(adapter), features.snapshot(adapter, obj, now)
    for name, value in reading.snapshot.values.items():
        yield good(f"{name} = {declared[name].display(value)}")
    facts = customers.facts(adapter, obj)
    if facts.consent is not None:
        yield good(f"consent {facts.consent.state}, from {facts.consent.source or 'no source'}")
    yield good(f"holdings {', '.join(sorted(facts.holdings or ())) or 'none'}; live: {facts.is_live}")
