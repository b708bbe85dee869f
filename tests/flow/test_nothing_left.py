"""Many customers erased and many past retention: nothing of them is left in any table, file or export of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from crm_assist import flow
from crm_assist.customers.models import Subject
from crm_assist.flow.keeping import kept_from
from crm_assist.journal.models import Payload
from crm_assist.journal.sealing import seal_all
from crm_assist.journal.verify import verify
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, open_bank

pytestmark = pytest.mark.django_db(transaction=True)
LABEL = "desk.Client"
NAMING = replace(BOSS, permissions=BOSS.permissions | {"export_names"})
NOW = timezone.now() - timedelta(days=60)


def key_of(number: int) -> str:
    """A key that no other number of the database looks like."""
    return str(1_700_000_000 + number * 7_919)


def traces(number: int) -> tuple[str, ...]:
    """What the log might keep of a customer beside the key: a value, a comment, the host's own id."""
    return f"{5_000_000 + number * 13}.37", f"Said Qz{number}zQ", f"EXT-{number:05}-TXE"


def meet(agent: Principal, count: int) -> list[str]:
    """Customers with a decision, an answer with a comment, an answer to the score, and an outcome; all scored."""
    open_bank(LABEL)
    Client.objects.bulk_create(
        Client(pk=int(key_of(number)), name="C", owner_id=int(agent.key), balance=Decimal(traces(number)[0]))
        for number in range(count)
    )
    for number in range(count):
        key, (_value, comment, external) = key_of(number), traces(number)
        view = flow.record(agent, LABEL, key, now=NOW)
        assert view.decision_id is not None
        flow.respond(agent, view.suggestions[0].id, kind="rejected", reason="other", comment=comment, now=NOW)
        flow.answer_score(agent, view.decision_id, kind="wrong", comment=comment, now=NOW)
        told = {"product": "deposit", "kind": "ordered", "occurred_at": NOW, "external_id": external}
        flow.record_outcome(model=LABEL, key=key, source="orders", now=NOW, **told)
    for kind in ("rescore", "sweep"):
        for run_id in flow.ask_runs(kind, about=LABEL, now=timezone.now()):
            flow.carry_on(run_id)
    return [key_of(number) for number in range(count)]


def everything() -> Iterator[tuple[str, str]]:
    """Name and text of each table of ours, every column of every row."""
    for model in apps.get_app_config("crm_assist").get_models():
        rows = model._base_manager.values_list()
        yield model._meta.db_table, "\n".join(str(row) for row in rows.iterator(500))


def left(of: Iterable[str]) -> list[tuple[str, str]]:
    """Where any of these texts still stands: in a table, or in an export of everything in clear."""
    wanted = tuple(of)
    found = [(table, text) for table, body in everything() for text in wanted if text in body]
    lines = "".join(flow.export(NAMING, flow.Filters(), "jsonl", names=True))
    return [*found, *(("export", text) for text in wanted if text in lines)]


def intact(tmp_path: Path) -> None:
    list(seal_all(tenant="", now=timezone.now()))
    flow.keep_heads(tmp_path / "heads.jsonl", now=timezone.now())
    assert list(verify(kept_from=kept_from(timezone.now()))) == []


def test_erased__two_hundred__nothing_is_left_and_the_chain_verifies(agent: Principal, tmp_path: Path) -> None:
    met = meet(agent, 200)
    intact(tmp_path)
    seen = {text: {table for table, _text in left([text])} for text in (key_of(7), *traces(7))}
    # Else the search would prove nothing afterwards; the host's own id is kept as a mark alone, from the beginning.
    assert [len(tables & {"crm_assist_payload", "export"}) for tables in seen.values()] == [2, 2, 2, 0]
    Client.objects.all().delete()
    for key in met:
        assert flow.customer_erased(LABEL, key=key) > 0
    texts = [text for number in range(200) for text in (key_of(number), *traces(number))]
    assert left(texts) == []
    assert Payload.objects.filter(subject_id__isnull=False).exclude(body=None).count() == 0
    assert not any(key in (tmp_path / "heads.jsonl").read_text() for key in met)
    intact(tmp_path)


def test_past_retention__sixty__what_was_logged_of_them_is_gone_and_they_stay_customers(
    agent: Principal, tmp_path: Path, settings: Any
) -> None:
    meet(agent, 60)
    settings.CRM_ASSIST = {"RETENTION_DAYS": 30}
    intact(tmp_path)
    (run_id,) = flow.ask_runs("retain", now=timezone.now())
    assert flow.carry_on(run_id).done >= 60 * 3
    assert left([text for number in range(60) for text in traces(number)]) == []
    assert Subject.objects.live().count() == 60
    intact(tmp_path)
