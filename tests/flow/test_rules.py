"""Business rules from their author to the agent's screen, the log and its replay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.eligibility.models import RuleVersion
from crm_assist.eligibility.rulebook import in_force
from crm_assist.flow.errors import BadMove, NotAllowed
from crm_assist.journal.writer import payload_of
from crm_assist.rollout.moves import bump_revision
from crm_assist.types import Principal
from tests.desk_bank import declaring
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def wealthy(above: float = 5000, **given: Any) -> dict[str, Any]:
    document = {"schema": 1, "rule": {"feature": "balance", "above": above}}
    return {"code": "wealthy", "step": "eligibility", "adapter": LABEL, "document": document} | given


def save(*rows: dict[str, Any], by: Principal = BOSS, reason: str = "Asked by the branch") -> int:
    return flow.save_rules(by, rows, reason=reason, now=NOW)


def closed_by(agent: Principal, client: Client, *, hours: int = 0) -> dict[str, list[str]]:
    """What closed each product in a new decision, by code."""
    view = flow.record(agent, LABEL, str(client.pk), now=NOW + timedelta(hours=hours))
    assert view.decision_id is not None
    payload = payload_of(view.decision_id)
    assert payload is not None
    found = {}
    for candidate in payload["result"]["candidates"]:
        found[candidate["product"]] = [one["code"] for one in candidate["verdicts"] if not one["open"]]
    return found


def test_record__a_rule_that_does_not_hold__closes_what_it_concerns(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    save(wealthy(9000, product="deposit"))
    assert closed_by(agent, client_)["deposit"] == ["not_eligible"]
    assert closed_by(agent, client_)["card"] == []


def test_record__a_rule_that_holds__closes_nothing(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    save(wealthy())
    assert flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions


def test_record__a_missing_value__closes(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    Client.objects.update(balance=None)
    save(wealthy())
    assert set(map(tuple, closed_by(agent, client_).values())) == {("rule_unknown",)}
    assert flow.record(agent, LABEL, str(client_.pk), now=NOW).suggestions == ()


def test_record__a_withdrawn_rule__is_asked_no_more(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    save(wealthy(9000))
    assert closed_by(agent, client_)["deposit"] == ["not_eligible"]
    flow.withdraw_rule(BOSS, "wealthy", reason="No longer needed", now=NOW)
    assert closed_by(agent, client_, hours=1)["deposit"] == []


def test_replay__across_versions_of_a_rule_and_one_that_was_unreadable__is_identical(
    agent: Principal, client_: Client
) -> None:
    open_bank(LABEL)
    save(wealthy(9000))
    closed_by(agent, client_)
    save(wealthy(7000))
    closed_by(agent, client_, hours=1)
    with declaring(rules=False):
        bump_revision(now=NOW)
        closed = closed_by(agent, client_, hours=2)
    assert closed["deposit"] == ["rule_unreadable"]
    flow.withdraw_rule(BOSS, "wealthy", reason="No longer needed", now=NOW)
    decisions = list(Decision.objects.all())
    assert len(decisions) == 3
    for row in decisions:
        replay = flow.replay(BOSS, row.pk)
        assert replay.identical, (replay.code, replay.differences)


def test_record__the_log__names_rule_and_version(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    save(wealthy(9000))
    save(wealthy(9500))
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert view.decision_id is not None
    payload = payload_of(view.decision_id)
    assert payload is not None
    verdicts = [one for one in payload["result"]["candidates"][0]["verdicts"] if not one["open"]]
    assert [(one["rule"], one["rule_version"]) for one in verdicts] == [("wealthy", 2)]
    assert verdicts[0]["message"] == "This does not hold: “Balance: more than €9,500.”"


def test_save_rules__the_same_again__writes_nothing() -> None:
    open_bank(LABEL)
    assert [save(wealthy()), save(wealthy()), save(wealthy(6000))] == [1, 0, 1]
    assert [view.version.version for view in flow.rule_versions(BOSS, "wealthy")] == [2, 1]


def test_save_rules__one_bad_row__nothing_is_written() -> None:
    with pytest.raises(ValidationError) as refused:
        save(wealthy(), wealthy(code="other", document={"schema": 1, "rule": {"feature": "segment", "equals": "x"}}))
    (message,) = refused.value.message_dict["document"]
    assert message.startswith("rule.feature: ")
    assert "is not declared as safe for rules" in message
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "Not A Code"}, "code"),
        ({"code": ""}, "code"),
        ({"step": "whim"}, "step"),
        ({"adapter": "no.Model"}, "adapter"),
        ({"product": "ghost"}, "product"),
        ({"group": "ghosts"}, "group"),
        ({"product": 5}, "product"),
        ({"texts": {"english": {}}}, "texts"),
        ({"texts": {"en": {"closed": "x" * 501}}}, "texts"),
        ({"texts": {"en": {"title": "x"}}}, "texts"),
        ({"valid_until": NOW - timedelta(days=1)}, "valid_until"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"tenant": "other"}, "tenant"),
        ({"document": "{"}, "document"),
    ],
)
def test_save_rules__bad_input__names_the_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        save(wealthy(**given))
    assert list(refused.value.message_dict) == [field]


def test_save_rules__without_the_permission_or_a_reason__is_refused() -> None:
    with pytest.raises(NotAllowed):
        save(wealthy(), by=Principal(key="x", permissions=frozenset({"change_product_catalogue"})))
    with pytest.raises(BadMove):
        save(wealthy(), reason=" ")


def test_save_and_withdraw__told_as_events_after_the_commit(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    with caplog.at_level("INFO", logger="crm_assist.events"), django_capture_on_commit_callbacks(execute=True):
        save(wealthy())
        flow.withdraw_rule(BOSS, "wealthy", reason="x", now=NOW)
    assert [record.message for record in caplog.records] == ["rules.saved changed=1", "rule.withdrawn"]


def test_withdraw_rule__that_is_not_in_force__is_refused() -> None:
    with pytest.raises(ValidationError, match="ghost"):
        flow.withdraw_rule(BOSS, "ghost", reason="x", now=NOW)


def test_rule_effect__counts_the_base_in_one_query(agent: Principal, django_assert_num_queries: Any) -> None:
    owner = int(agent.key)
    for balance in (None, 10, 6000, 7000, 8000):
        Client.objects.create(name="x", owner_id=owner, balance=balance)
    document = wealthy()["document"]
    with django_assert_num_queries(1):
        effect = flow.rule_effect(BOSS, adapter=LABEL, document=document, now=NOW)
    assert (effect.reach.kept, effect.reach.removed, effect.reach.unknown) == (3, 1, 1)
    assert effect.sentence == "Balance: more than €5,000."
    assert [remark.code for remark in effect.remarks] == ["often_unknown"]


def test_rules__another_tenants__are_not_seen() -> None:
    other = Principal(key="boss", tenant="b", permissions=BOSS.permissions)
    save(wealthy(), by=other)
    assert flow.rules(BOSS) == ()
    assert [view.sentence for view in flow.rules(other)] == ["Balance: more than €5,000."]
    with pytest.raises(flow.RuleNotFound):
        flow.rule_versions(BOSS, "wealthy")


def test_rules__a_feature_that_is_gone__the_rule_is_shown_as_unreadable() -> None:
    save(wealthy())
    with declaring(rules=False):
        (view,) = flow.rules(BOSS)
    assert not view.is_readable


def test_in_force__a_tenants_own_rule__stands_before_the_one_of_all_until_it_is_withdrawn() -> None:
    own = Principal(key="boss", tenant="b", permissions=BOSS.permissions)
    save(wealthy(9000))
    save(wealthy(5000), by=own)

    def amounts() -> list[str]:
        return [facts.document.split(":")[-1].rstrip("}") for facts in in_force("b")]

    assert amounts() == ["5000"]
    flow.withdraw_rule(own, "wealthy", reason="As everywhere", now=NOW)
    assert amounts() == ["9000"]
