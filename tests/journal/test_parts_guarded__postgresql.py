"""A log parted by month is guarded in every part, and roles have the rights on it that they had before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.journal import guards, parting
from crm_assist.journal.models import DroppedMonth, Payload
from crm_assist.journal.parts import is_parted, parts_of
from crm_assist.journal.sealing import seal_all
from crm_assist.journal.table_shape import PartsError
from crm_assist.journal.verify import verify
from tests.journal.parted import NOW, decided, owner_does, partition

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("parted")]
TABLES = ["crm_assist_payload", "crm_assist_decision"]


@pytest.fixture(autouse=True)
def plain_again() -> Iterator[None]:
    """Whatever a test leaves behind, the next one finds plain tables."""
    yield
    partition("unpartition")


@pytest.mark.parametrize("part", ["", "_y2026m01", "_y2026m03", "_rest"])
@pytest.mark.parametrize("table", TABLES)
def test_guard__parted_table_and_each_part__refuse_as_before(table: str, part: str) -> None:
    decided()
    partition()
    if part == "_rest":
        decided([datetime(1999, 5, 1, tzinfo=UTC)])
    for sql in (f"UPDATE {table}{part} SET tenant = 'x'", f"DELETE FROM {table}{part}", f"TRUNCATE {table}{part}"):
        with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
            owner_does(sql)
    assert len(guards.expected("default")) > 3 * len(parts_of("default", TABLES))


def test_guard__off_or_gone_on_one_part__is_missed_and_comes_back() -> None:
    decided()
    partition()
    owner_does("ALTER TABLE crm_assist_payload_y2026m01 DISABLE TRIGGER crm_assist_no_delete")
    owner_does("DROP TRIGGER crm_assist_no_truncate ON crm_assist_decision_y2026m02")
    absent = {(guard.table, guard.name) for guard in guards.missing("default")}
    assert absent == {
        ("crm_assist_payload_y2026m01", "crm_assist_no_delete"),
        ("crm_assist_decision_y2026m02", "crm_assist_no_truncate"),
    }
    call_command("migrate", verbosity=0)
    assert guards.missing("default") == []
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        owner_does("DELETE FROM crm_assist_payload_y2026m01")


def test_guard__off_on_the_table__comes_back_with_its_parts() -> None:
    partition()
    owner_does("ALTER TABLE crm_assist_payload DISABLE TRIGGER crm_assist_no_delete")
    owner_does("DROP TRIGGER crm_assist_no_delete ON crm_assist_decision")
    assert guards.install("default")
    assert guards.missing("default") == []


def test_erase__payload_in_a_part__is_emptied_as_in_a_plain_table() -> None:
    row = decided()[0]
    partition()
    assert Payload.objects.filter(pk=row.pk).update(body=None, erased_at=NOW) == 1


def test_flush__parted_log__is_emptied_and_guarded_again() -> None:
    decided()
    partition()
    call_command("flush", interactive=False, verbosity=0)
    assert not Decision.objects.exists()
    assert is_parted("default", "crm_assist_payload")
    assert guards.missing("default") == []


def test_partition__rights_of_others__come_along() -> None:
    owner_does("DROP ROLE IF EXISTS crm_assist_reader")
    owner_does("CREATE ROLE crm_assist_reader")
    owner_does("GRANT SELECT ON crm_assist_decision TO crm_assist_reader")
    try:
        partition()
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege('crm_assist_reader', 'crm_assist_decision', 'SELECT')")
            assert cursor.fetchone() == (True,)
    finally:
        owner_does("DROP OWNED BY crm_assist_reader")
        owner_does("DROP ROLE crm_assist_reader")


def test_partition__role_that_does_not_own_the_table__is_told_who_does() -> None:
    owner_does("DROP ROLE IF EXISTS crm_assist_stranger")
    owner_does("CREATE ROLE crm_assist_stranger")
    owner_does("GRANT SELECT ON ALL TABLES IN SCHEMA public TO crm_assist_stranger")
    try:
        with transaction.atomic():
            owner_does("SET LOCAL ROLE crm_assist_stranger")
            with pytest.raises(CommandError, match=r"belongs to role .*, and crm_assist_stranger may not act for it"):
                partition()
    finally:
        owner_does("DROP OWNED BY crm_assist_stranger")
        owner_does("DROP ROLE crm_assist_stranger")


@contextmanager
def web_role() -> Iterator[None]:
    """A role that may read and write, as web processes have it, and owns nothing."""
    owner_does("DROP ROLE IF EXISTS crm_assist_web")
    owner_does("CREATE ROLE crm_assist_web")
    owner_does("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO crm_assist_web")
    owner_does("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO crm_assist_web")
    owner_does("SET ROLE crm_assist_web")
    try:
        yield
    finally:
        owner_does("RESET ROLE")
        owner_does("DROP OWNED BY crm_assist_web")
        owner_does("DROP ROLE crm_assist_web")


def test_web_role__while_the_log_is_copied_and_after__writes_and_looks_as_before() -> None:
    decided()
    steps = parting.part("default", Payload, now=NOW)
    next(steps)
    with web_role():
        decided([NOW], each=2)
        owner_does("RESET ROLE")
        partition()
        owner_does("SET ROLE crm_assist_web")
        decided([NOW + timedelta(seconds=1), datetime(1999, 1, 1, tzinfo=UTC)], each=2)
        assert Payload.objects.count() == Decision.objects.count() == 18
        [months] = [one for one in flow.health(now=timezone.now()) if one.name == "months"]
        assert "crm_assist_payload_rest" in months.message
        assert parting.make_ahead("default", Payload, now=timezone.now(), ahead=1) == []
        with pytest.raises(PartsError, match="crm_assist_web may not act for it"):
            parting.make_ahead("default", Payload, now=timezone.now(), ahead=9)


def test_retain__role_that_may_not_drop__empties_row_by_row(settings: Any) -> None:
    settings.CRM_ASSIST = {"RETENTION_DAYS": 30}
    decided()
    partition()
    with web_role():
        list(flow.retain(now=NOW))
        assert not DroppedMonth.objects.exists()
        assert Payload.objects.filter(body=None).count() == 9


def test_verify__row_changed_in_a_part_past_its_guards__is_named() -> None:
    rows = decided()
    partition()
    list(seal_all(tenant="", now=NOW + timedelta(hours=1)))
    assert list(verify()) == []
    for part, change in (("decision_y2026m01", "agent_key = 'x'"), ("payload_y2026m02", "body = '{}'")):
        update = "no_update" if part.startswith("decision") else "erase_only"
        owner_does(f"ALTER TABLE crm_assist_{part} DISABLE TRIGGER crm_assist_{update}")
        key = "id" if part.startswith("decision") else "row_id"
        row = rows[3] if part.startswith("decision") else rows[6]
        owner_does(f"UPDATE crm_assist_{part} SET {change} WHERE {key} = '{row.pk}'")
    found = [(str(one.kind), one.table, one.row_id) for one in verify()]
    assert sorted(found) == [
        ("changed", "crm_assist.decision", str(rows[3].pk)),
        ("changed", "crm_assist.payload", str(rows[6].pk)),
    ]
    guards.install("default")
