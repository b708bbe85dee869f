"""Whether we are installed: tables, adapters, checks, guards, and a first customer who can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.core.checks import ERROR, run_checks
from django.db import DatabaseError, router

from crm_assist import __version__, customers, features
from crm_assist.checks.admin import admin_pages as checked_pages
from crm_assist.conf import settings
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.models import Subject
from crm_assist.flow.months import PARTED
from crm_assist.journal import guards
from crm_assist.journal.parting import wanting
from crm_assist.management.doctor.facts import tried_hooks
from crm_assist.management.doctor.finding import Finding, block, good, note
from crm_assist.management.doctor.sight import sights
from crm_assist.management.migrated import waiting_migrations
from crm_assist.types import ConsentState, CustomerFacts, Snapshot

Question = Callable[[datetime], Iterator[Finding]]


def tables(now: datetime) -> Iterator[Finding]:
    """Whether the database can be reached and has our tables."""
    using = router.db_for_write(Subject)
    try:
        waiting = waiting_migrations()
    except DatabaseError as error:
        yield block(f"the database {using!r} cannot be asked: {error}", "Check DATABASES in your settings.", ends=True)
        return
    if waiting:
        todo = "Run: python manage.py migrate crm_assist"
        yield block(f"migrations not applied: {waiting}", todo, ends=True)
        return
    yield good(f"crm_assist {__version__} is installed and migrated")


def adapters(now: datetime) -> Iterator[Finding]:
    """Whether any model of customers is registered."""
    names = list(customers.adapters())
    if names:
        yield good(f"customers: {', '.join(names)}")
        return
    todo = "Write an assist.py in one of your apps with @customers.register(YourCustomer) on an adapter."
    yield block("no customer model is registered", todo, ends=True)


def checks(now: datetime) -> Iterator[Finding]:
    """What the system checks say; addresses that are not included block, here where it is meant seriously."""
    messages = run_checks(tags=["crm_assist"])
    for message in messages:
        text = f"{message.id}: {message.obj or ''} {message.msg}".replace("  ", " ")
        serious = message.level >= ERROR or message.id == "crm_assist.W004"
        yield block(text, message.hint or "") if serious else note(text, message.hint or "")
    if not messages:
        yield good("system checks find nothing")


def admin_pages(now: datetime) -> Iterator[Finding]:
    """On which pages of the Django admin the panel stands; what could not be extended is among the checks."""
    found = checked_pages()
    standing = [f"{place.model} ({place.site}, {place.how})" for place in found if place.has_panel]
    if standing:
        yield good(f"panel in the admin: {', '.join(standing)}")
    elif found and not settings.ADMIN_PANEL:
        yield good("panel in the admin: switched off by ADMIN_PANEL")


def log_guards(now: datetime) -> Iterator[Finding]:
    """Whether the database itself refuses to change the log."""
    using = router.db_for_write(Subject)
    if not guards.expected(using):
        yield note("this database has no triggers of ours; the log is guarded in Python alone", "Use PostgreSQL.")
    elif absent := guards.missing(using):
        yield block(f"guards of the log missing: {len(absent)}", "Run: python manage.py migrate crm_assist")
    else:
        yield good("the log is guarded by the database")
    if wanted := wanting(using, PARTED, now=now):
        yield note(
            f"months of the log missing, or rows in none: {', '.join(wanted)}",
            "Run: python manage.py crm_assist_retain",
        )


def first_customers(now: datetime) -> Iterator[Finding]:
    """Whether a customer of each adapter can be read, with features and facts."""
    for adapter in customers.adapters().values():
        yield from _first_customer(adapter, now)


def _first_customer(adapter: CustomerAdapter, now: datetime) -> Iterator[Finding]:
    label = adapter.model_label
    try:
        for tenant in adapter.all_tenants():
            with adapter.tenant_context(tenant):
                obj = adapter.queryset().filter(adapter.tenant_filter(tenant)).first()
                if obj is not None:
                    snapshot = features.snapshot(adapter, obj, now).snapshot
                    yield from _reading(label, snapshot, customers.facts(adapter, obj))
                    yield from tried_hooks(adapter, obj)
                    yield from _statement(adapter, now)
                    return
    except Exception as error:
        text = f"{label}: the first customer cannot be read: {type(error).__name__}: {error}"
        yield block(text, f"Mend {type(adapter).__name__} in assist.py.")
        return
    yield note(f"{label}: no customer yet", "Load some, or look at the adapter's queryset().")


def _reading(label: str, snapshot: Snapshot, facts: CustomerFacts) -> Iterator[Finding]:
    count, empty = len(snapshot.values), sum(value is None for value in snapshot.values.values())
    yield good(f"{label}: customer {snapshot.key} read with {count} features, {empty} of them empty")
    if not count:
        yield block(f"{label}: no feature is declared", "Declare features = [f.Number(...), ...] on the adapter.")
    if facts.consent is None or facts.consent.state is ConsentState.UNKNOWN:
        todo = "Nothing is suggested to customers whose consent is unknown; look at consent()."
        yield note(f"{label}: consent of customer {snapshot.key} is unknown", todo)


def _statement(adapter: CustomerAdapter, now: datetime) -> Iterator[Finding]:
    """Whether the record's statement is put into SQL once, or for every record."""
    why = features.obstacle(adapter, now)
    if why:
        text = f"{adapter.model_label}: the statement of a record is built for every record: {why}"
        yield note(text, "It works, some milliseconds slower; see docs/how-to/score-endpoint.md.")


INSTALLATION: tuple[Question, ...] = (tables, adapters, checks, admin_pages, log_guards, first_customers, sights)
