"""What agents say beside answering: each recorded once, a wrong value refused by field."""

from __future__ import annotations

from typing import Any

import pytest

from crm_assist.customers.models import Subject
from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.models import Decision, Display, OwnOffer, ScoreAnswer
from crm_assist.decisions.remarks import answer_score, displayed, own_offer
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import payload_of, record
from tests.decisions.conftest import NOW

WHO: dict[str, Any] = {"agent_key": "ann", "team": "north", "request_key": "", "longest": 20, "now": NOW}


@pytest.fixture
def decision(subject: Subject) -> Decision:
    row = Decision(id=uuid7(NOW), tenant="acme", at=NOW, subject=subject, agent_key="ann", phase="recommend",
                   admission="team", code_version="1")  # fmt: skip
    return record(row, {})


@pytest.mark.parametrize("kind", ScoreAnswer.Kind.values)
def test_answer_score__each_kind__is_recorded_with_its_comment(decision: Decision, kind: str) -> None:
    row = answer_score(decision, kind=kind, comment="seen", **WHO)
    assert ScoreAnswer.objects.get() == row
    assert (row.tenant, row.subject_id, row.decision_id) == ("acme", decision.subject_id, decision.pk)
    assert (row.kind, row.agent_key, row.team, row.at) == (kind, "ann", "north", NOW)
    assert payload_of(row.pk) == {"comment": "seen"}


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"kind": "superb"}, "kind", "“superb” is not an answer; use one of useful, wrong, data_wrong"),
        ({"kind": ""}, "kind", "is not an answer"),
        ({"comment": "x" * 21}, "comment", "at most 20 characters"),
    ],
)
def test_answer_score__wrong_value__is_refused_by_field(
    decision: Decision, values: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(BadAnswer) as refusal:
        answer_score(decision, **({"kind": "useful", "comment": ""} | WHO | values))
    assert refusal.value.field == field
    assert said in refusal.value.message
    assert not ScoreAnswer.objects.exists()


def test_answer_score__without_a_comment__has_no_payload(decision: Decision) -> None:
    row = answer_score(decision, kind="useful", comment="", **WHO)
    assert (payload_of(row.pk), row.digest) == (None, "")


def test_answer_score__same_request__is_once_and_another_request_again(decision: Decision) -> None:
    first = answer_score(decision, kind="useful", comment="", **{**WHO, "request_key": "r1"})
    assert answer_score(decision, kind="useful", comment="", **{**WHO, "request_key": "r1"}) == first
    answer_score(decision, kind="wrong", comment="", **{**WHO, "request_key": "r2"})
    answer_score(decision, kind="wrong", comment="", **{**WHO, "request_key": "r1", "agent_key": "bob"})
    assert ScoreAnswer.objects.count() == 3


def test_own_offer__product_or_words__is_recorded(decision: Decision) -> None:
    coded = own_offer(decision, product="deposit", comment="", **WHO)
    worded = own_offer(decision, product="", comment="a visit", **WHO)
    assert (coded.product, worded.product, payload_of(worded.pk)) == ("deposit", "", {"comment": "a visit"})
    assert OwnOffer.objects.count() == 2


@pytest.mark.parametrize("comment", ["", "   ", "\n"])
def test_own_offer__neither_product_nor_words__is_refused(decision: Decision, comment: str) -> None:
    with pytest.raises(BadAnswer) as refusal:
        own_offer(decision, product="", comment=comment, **WHO)
    assert refusal.value.field == "product"


def test_own_offer__same_request__is_once(decision: Decision) -> None:
    for _ in range(2):
        own_offer(decision, product="deposit", comment="", **{**WHO, "request_key": "r1"})
    assert OwnOffer.objects.count() == 1


def test_displayed__again__is_once_per_agent(decision: Decision) -> None:
    first = displayed(decision, agent_key="ann", now=NOW)
    assert displayed(decision, agent_key="ann", now=NOW) == first
    displayed(decision, agent_key="bob", now=NOW)
    assert Display.objects.count() == 2
