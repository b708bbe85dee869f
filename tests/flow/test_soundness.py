"""Findings in training data: what blocks is refused or accepted with a reason, and both stand in the log."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from django.utils import translation

from crm_assist import flow
from crm_assist.flow import works
from crm_assist.flow.soundness import accepted_before, check_rows
from crm_assist.journal.verify import verify
from crm_assist.learning.dataset import TrainingSet
from crm_assist.learning.findings import Finding
from crm_assist.learning.models import Target
from crm_assist.scorecards.models import CardEvent, CardVersion
from crm_assist.types import Principal
from tests.story import BOSS, NOW, fitted, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
MANAGER = Principal(key="op", permissions=frozenset({"manage_runs"}))
LEAK = Finding(
    code="leak",
    severity="blocks",
    feature="balance",
    evidence={"gain": 0.248, "others": 0.183, "rows": 1244, "seen": 0, "expected": 87.3},
)
SAME = Finding(code="constant", severity="warns", feature="age", evidence={"rows": 2000})
WHY = {"leak:balance": "It is read the evening before."}


def aimed(**population: object) -> Target:
    return Target(name="orders", adapter=LABEL, population=population, horizon_days=90)


def leaking(rows: int = 1500) -> TrainingSet:
    """Customers whose balance was read after the outcome: it is full where they bought."""
    chance = Random(4)
    y = [int(chance.random() < 0.2) for _row in range(rows)]
    balance = [chance.uniform(4000, 9000) if bought else chance.uniform(0, 4500) for bought in y]
    at = [NOW - timedelta(days=30 * (6 - 6 * row // rows)) for row in range(rows)]
    return TrainingSet(X={"balance": balance}, y=y, at=at, keys=[str(row) for row in range(rows)])


@pytest.fixture
def target() -> Target:
    open_bank(LABEL, "score")
    return Target.objects.get(name="orders")


def versions() -> int:
    return CardVersion.objects.filter(target="orders").count()


def test_publish__finding_that_blocks__is_refused_with_finding_and_remedy(target: Target) -> None:
    with pytest.raises(flow.UnsoundData, match=r"\[leak:balance\] “balance” looks known only after") as caught:
        flow.publish_card(BOSS, target, fitted(), reason="new", now=NOW, findings=[LEAK, SAME])
    assert "naming what you accept and why" in str(caught.value)
    assert caught.value.findings == (LEAK,)
    assert versions() == 1


@pytest.mark.parametrize("accepted", [{"leak:balance": " "}, {"leak:age": "why"}, {"leak": "why"}])
def test_publish__no_reason_or_another_finding__opens_nothing(target: Target, accepted: dict[str, str]) -> None:
    with pytest.raises(flow.UnsoundData):
        flow.publish_card(BOSS, target, fitted(), reason="new", now=NOW, findings=[LEAK], accepted=accepted)
    assert versions() == 1


def test_publish__accepted_with_a_reason__is_logged_with_it_and_shown(target: Target) -> None:
    made = flow.publish_card(BOSS, target, fitted(), reason="new", now=NOW, findings=[LEAK, SAME], accepted=WHY)
    [leak, same] = flow.card(BOSS, made.pk).findings
    assert (leak.finding, leak.accepted) == (LEAK, WHY["leak:balance"])
    assert (same.finding, same.accepted) == (SAME, "")
    assert leak.finding.evidence == LEAK.evidence
    assert CardEvent.objects.get(target="orders", version=made.version).by == BOSS.key
    assert flow.found_in_data("orders")[0].endswith("Accepted: It is read the evening before.")


def test_publish__findings_in_the_log__are_sealed_with_the_row(target: Target) -> None:
    flow.publish_card(BOSS, target, fitted(), reason="new", now=NOW, findings=[LEAK], accepted=WHY)
    list(flow.seal(now=NOW))
    assert list(verify(tenant="")) == []


def test_publish__only_warnings__goes_on_and_keeps_them(target: Target) -> None:
    made = flow.publish_card(BOSS, target, fitted(), reason="new", now=NOW, findings=[SAME])
    assert [then.finding.key for then in flow.card(BOSS, made.pk).findings] == ["constant:age"]


def test_publish__nothing_found__leaves_nothing_beside_the_row(target: Target) -> None:
    made = flow.publish_card(BOSS, target, fitted(), reason="new", now=NOW)
    assert flow.card(BOSS, made.pk).findings == ()
    assert CardEvent.objects.get(target="orders", version=made.version).digest == ""
    assert flow.found_in_data("orders") == ()


def test_findings__in_french__are_told_in_french_with_its_numbers() -> None:
    with translation.override("fr"):
        told = flow.FoundThen(finding=LEAK).words
    assert told.startswith("«\N{NO-BREAK SPACE}balance\N{NO-BREAK SPACE}» ne semble connue qu’après le résultat")
    assert "24,8\N{NO-BREAK SPACE}%" in told


def test_check_rows__no_rows__finds_nothing_and_leaves_the_refusal_to_the_fit() -> None:
    assert check_rows(TrainingSet(X={}, y=[], at=[], keys=[]), aimed()) == ()


def test_check_rows__what_the_population_holds_to_one_value__is_meant_to_be_constant() -> None:
    rows = leaking()
    given = TrainingSet(X={"holds": [False] * len(rows.y), "balance": rows.X["balance"]}, y=rows.y, at=rows.at, keys=[])
    assert [found.key for found in check_rows(given, aimed())] == ["leak:balance", "constant:holds"]
    assert [found.key for found in check_rows(given, aimed(holds=False))] == ["leak:balance"]
    assert check_rows(given, aimed(holds=False, balance=0)) == ()


def test_check_rows__an_age_below_zero__says_that_they_were_no_customers_yet() -> None:
    rows = 400
    tenure = [float(place - 20) for place in range(rows)]
    given = TrainingSet(X={"tenure": tenure}, y=[place % 2 for place in range(rows)], at=[NOW] * rows, keys=[])
    (finding,) = [found for found in check_rows(given, aimed()) if found.code == "not_begun"]
    assert finding.feature == "tenure"
    assert "below zero in 20 of 400 rows" in finding.message
    assert "existed()" in finding.message


def newest() -> CardVersion:
    return CardVersion.objects.filter(target="orders").latest("version")


def refit(**options: object) -> str:
    [run_id] = flow.ask_runs("refit", about="orders", options=options, now=NOW)
    return flow.carry_on(run_id).note


def test_refit__leak__fails_with_its_words_until_it_is_accepted_and_then_goes_on_by_itself(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "past_rows", lambda *args, **given: leaking())
    with pytest.raises(flow.UnsoundData):
        refit()
    assert versions() == 1
    [failed] = (run for run in flow.runs(MANAGER, now=NOW) if run.about == "orders")
    assert "[leak:balance]" in failed.fault
    note = refit(accepted=WHY, in_force="asked for")
    assert note.startswith("version 2: put in force by decision; 1 finding in its data; 1 of them accepted; ")
    assert accepted_before(target) == WHY
    assert "; version 3 waits; 1 finding in its data; 1 of them accepted; " in refit()
    assert accepted_before(target) == WHY
    assert [then.finding.key for then in flow.card(BOSS, newest().pk).findings] == ["leak:balance"]
