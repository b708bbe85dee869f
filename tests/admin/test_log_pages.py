"""Decisions and the verification of the log in the admin."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm_assist.admin.log_pages import LogPages
from crm_assist.decisions.models import Decision
from crm_assist.journal import guards
from crm_assist.journal.sealing import seal
from tests.admin.conftest import HERE, asked


def test_decisions__list__has_filters_names_and_export_and_counts_nothing(analyst: Browser, boss: User) -> None:
    with CaptureQueriesContext(connection) as found:
        text = analyst.get(f"{HERE}/decision/").content.decode()
    assert not [one["sql"] for one in found if "COUNT(" in one["sql"] and "decision" in one["sql"]]
    assert text.count("Bea Boss") == 3
    assert f"{HERE}/decision/?agent={boss.pk}" in text
    assert f"{HERE}/decision/export/?format=csv" in text
    assert text.count("<select") <= 6
    assert asked(analyst, "decision/")[1] <= 4
    assert "No decision matches." in asked(analyst, "decision/", team="nowhere")[0]


def test_decisions__one__whole_and_replayed(analyst: Browser) -> None:
    decision = Decision.objects.order_by("at").first()
    text, statements = asked(analyst, f"decision/{decision.pk}/")
    assert "Products considered" in text
    assert statements <= 10
    replayed = analyst.post(f"{HERE}/decision/{decision.pk}/replay/", follow=True).content.decode()
    assert "the same result, number for number" in replayed


def test_decisions__export__is_the_filtered_file(analyst: Browser) -> None:
    answer = analyst.get(f"{HERE}/decision/export/", {"format": "jsonl"})
    assert len(b"".join(answer.streaming_content).splitlines()) == 3
    assert "attachment" in answer["Content-Disposition"]


def test_log__state__tells_seals_and_what_is_open(analyst: Browser) -> None:
    text = asked(analyst, "seal/")[0]
    assert "Rows not sealed yet" in text
    assert "Nothing is sealed yet." in asked(analyst, "seal/verify/")[0]


@pytest.mark.django_db(transaction=True)
def test_log__verification__goes_on_by_itself_until_it_is_done(
    analyst: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogPages, "seconds", 0.0)
    for _ in range(3):
        assert seal(tenant="", now=timezone.now(), limit=2)
    address, seen = f"{HERE}/seal/verify/", []
    while address:
        answer = analyst.get(address)
        seen += re.findall(r"Seal (\d+) of 3", answer.content.decode())
        address = answer.headers.get("Refresh", "").partition("url=")[2]
    assert seen == ["1", "2", "3"]
    assert "No fault found" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_log__altered_row__stops_the_verification_at_the_fault(
    analyst: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogPages, "seconds", 0.0)
    for _ in range(3):
        assert seal(tenant="", now=timezone.now(), limit=2)
    with guards.lifted("default"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Decision._meta.db_table} SET probability = 0.5")
    address, faults = f"{HERE}/seal/verify/", ""
    for _ in range(3):
        answer = analyst.get(address)
        if "Faults found" in answer.content.decode():
            faults = answer.content.decode()
            break
        address = answer.headers["Refresh"].partition("url=")[2]
    assert "is not as seal" in faults
    assert "Refresh" not in answer.headers
