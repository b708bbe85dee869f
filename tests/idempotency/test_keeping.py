"""Once per key: the same request again is answered alike, another one is refused, what failed may be tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_assist.idempotency.keeping import KEPT, LONGEST, Answer, KeyReused, forget, once
from crm_assist.idempotency.models import KeptAnswer

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


class Work:
    """Something that counts how often it was done."""

    def __init__(self, body: str = "{}") -> None:
        self.times, self.body = 0, body

    def __call__(self) -> Answer:
        self.times += 1
        return Answer(status=201, body=self.body)


def ask(work: Work, *, agent: str = "7", tenant: str = "", request: str = "r", now: datetime = NOW) -> Answer:
    return once(tenant=tenant, agent_key=agent, key="k", request=request, act=work, now=now)


def test_once__same_request_again__is_answered_alike_and_not_done() -> None:
    work = Work('{"id": 1}')
    first, second = ask(work), ask(work)
    assert work.times == 1
    assert (first.status, first.body, first.repeated) == (201, '{"id": 1}', False)
    assert (second.status, second.body, second.repeated) == (201, '{"id": 1}', True)


def test_once__other_request_under_the_key__is_refused() -> None:
    work = Work()
    ask(work)
    with pytest.raises(KeyReused):
        ask(work, request="other")
    assert work.times == 1


def test_once__other_persons_and_tenants_keys__are_other_keys() -> None:
    work = Work()
    for agent, tenant in (("7", ""), ("8", ""), ("7", "north")):
        ask(work, agent=agent, tenant=tenant)
    assert work.times == 3


def test_once__a_day_later__is_a_new_request() -> None:
    work = Work()
    ask(work)
    ask(work, now=NOW + KEPT - timedelta(seconds=1))
    assert work.times == 1
    assert ask(work, request="other", now=NOW + KEPT).repeated is False
    assert KeptAnswer.objects.count() == 1


def test_once__work_that_fails__is_not_kept_and_may_be_tried_again() -> None:
    def fails() -> Answer:
        raise ValueError

    with pytest.raises(ValueError):
        once(tenant="", agent_key="7", key="k", request="r", act=fails, now=NOW)
    assert ask(Work()).repeated is False


def test_once__answer_too_long_to_keep__is_given() -> None:
    assert len(ask(Work("x" * (LONGEST + 1))).body) == LONGEST + 1
    assert not KeptAnswer.objects.exists()


def test_forget__only_what_is_over() -> None:
    ask(Work())
    assert forget(now=NOW) == 0
    assert forget(now=NOW + KEPT) == 1
