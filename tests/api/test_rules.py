"""Business rules over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from crm_assist.eligibility.models import RuleVersion
from tests.api.conftest import Program
from tests.desk_bank import LABEL, Bank, person
from tests.hosts.desk.models import Client

DOCUMENT: dict[str, Any] = {"schema": 1, "rule": {"feature": "balance", "above": 5000}}
RULE: dict[str, Any] = {"code": "wealthy", "step": "eligibility", "adapter": LABEL, "document": DOCUMENT}


@pytest.fixture
def author(bank: Bank, rose: Client) -> Program:
    bank("recommend")
    return Program(person("author", "change_rules"))


def put(author: Program, *rules: dict[str, Any], reason: str = "Asked") -> Any:
    return author.send("rules/", {"rules": list(rules), "reason": reason}, method="PUT")


def test_put__writes_versions_and_tells_how_many(author: Program) -> None:
    changed = {**RULE, "document": {"schema": 1, "rule": {"feature": "balance", "above": 6000}}}
    told = [put(author, RULE).json(), put(author, RULE).json(), put(author, changed).json()]
    assert told == [{"written": 1}, {"written": 0}, {"written": 1}]
    (rule,) = author.get("rules/").json()["rules"]
    assert (rule["version"], rule["sentence"]) == (2, "Balance: more than €6,000.")
    versions = author.get("rules/wealthy/versions/").json()["versions"]
    assert [one["document"] for one in versions] == [changed["document"], DOCUMENT]


@pytest.mark.parametrize(
    ("odd", "status", "field"),
    [
        ({"code": "Bad Code"}, 400, "rules[1].code"),
        ({"step": "whim"}, 400, "rules[1].step"),
        ({"document": "x"}, 422, "document"),
        ({"document": {"schema": 1, "rule": {"feature": "segment", "equals": "x"}}}, 422, "document"),
        ({"document": {"schema": 1, "rule": {"feature": "ghost", "equals": "x"}}}, 422, "document"),
        ({"product": "ghost"}, 422, "product"),
        ({"texts": {"en": {"title": "x"}}}, 422, "texts"),
        ({"tenant": "other"}, 400, "rules[1].tenant"),
    ],
)
def test_put__one_odd_rule__is_refused_by_field_and_none_is_written(
    author: Program, odd: dict[str, Any], status: int, field: str
) -> None:
    answer = put(author, {**RULE, "code": "good"}, {**RULE, **odd})
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert not RuleVersion.objects.exists()


def test_effect__counts_and_writes_nothing(author: Program) -> None:
    told = author.send("rules/effect/", {"adapter": LABEL, "document": DOCUMENT}).json()
    assert {name: told[name] for name in ("sentence", "customers", "kept", "removed", "unknown")} == {
        "sentence": "Balance: more than €5,000.",
        "customers": 1,
        "kept": 1,
        "removed": 0,
        "unknown": 0,
    }
    assert [remark["code"] for remark in told["remarks"]] == ["keeps_all"]
    assert not RuleVersion.objects.exists()


def test_withdraw__twice__is_422(author: Program) -> None:
    put(author, RULE)
    assert author.send("rules/wealthy/withdraw/", {"reason": "Over"}).json() == {"code": "wealthy", "version": 2}
    assert author.send("rules/wealthy/withdraw/", {"reason": "Over"}).status_code == 422
    assert author.get("rules/").json()["rules"][0]["withdrawn"] is True


def test_versions__of_a_rule_that_is_not_there__is_404(author: Program) -> None:
    assert author.get("rules/ghost/versions/").status_code == 404
