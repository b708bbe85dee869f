"""Runs under a race: real connections, started at one moment."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from crm_assist.runs.holding import ask, take
from crm_assist.runs.models import Run
from crm_assist.runs.pulse import beating
from tests.story import NOW
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_ask__at_the_same_moment__is_one_run() -> None:
    runs = together(*[lambda: ask(kind="sweep", about="desk.Client", now=NOW)] * 4)
    assert {run.pk for run in runs} == {Run.objects.get().pk}


def test_ask__same_message_delivered_twice_at_the_same_moment__is_one_run() -> None:
    runs = together(*[lambda: ask(kind="seal", request_key="message", now=NOW)] * 4)
    assert {run.pk for run in runs} == {Run.objects.get().pk}


def test_take__at_the_same_moment__has_one_owner() -> None:
    run = ask(kind="seal", now=NOW)
    found = together(*[lambda: take(run.pk, now=NOW, stale_seconds=90)] * 4)
    assert sorted(verdict.code for _, verdict in found) == ["busy", "busy", "busy", "waiting"]
    assert [held.attempt for held, _ in found if held is not None] == [1]


def test_beating__long_chunk__is_not_taken_for_dead() -> None:
    run = ask(kind="seal", now=NOW)
    held, _ = take(run.pk, now=NOW, stale_seconds=90)
    assert held is not None
    with beating(held, every=0.01, clock=timezone.now):
        deadline = time.monotonic() + 20
        while Run.objects.get(pk=run.pk).beat_at == NOW and time.monotonic() < deadline:
            time.sleep(0.01)
    beat_at = Run.objects.get(pk=run.pk).beat_at
    assert beat_at is not None
    assert timezone.now() - beat_at < timedelta(seconds=20)
