"""The rulebook on its pages: read, tried, saved, withdrawn, and refused with what was typed kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.utils import timezone

from crm_assist import flow
from crm_assist.eligibility.models import RuleVersion
from crm_assist.types import Principal
from tests.desk_bank import LABEL, Bank, person, signed_in
from tests.hosts.desk.models import Client
from tests.story import BOSS

DOCUMENT = {"schema": 1, "rule": {"feature": "balance", "above": 5000}}
WHOLE = {
    "code": "wealthy",
    "step": "eligibility",
    "adapter": LABEL,
    "concerns": "product:deposit",
    "document": json.dumps(DOCUMENT),
    "closed_en": "For large balances.",
    "closed_fr": "Pour soldes élevés.",
    "reason": "Asked by the branch",
    "act": "save",
}


@pytest.fixture
def author(bank: Bank, rose: Client) -> Browser:
    bank("recommend")
    return signed_in(person("author", "change_rules"))


def rule_of_today(**given: Any) -> None:
    row = {"code": "wealthy", "step": "eligibility", "adapter": LABEL, "document": DOCUMENT} | given
    flow.save_rules(BOSS, [row], reason="asked", now=timezone.now())


def test_rules__none__says_so(author: Browser) -> None:
    text = author.get("/assist/rules/").content.decode()
    assert "No rule has been written." in text
    assert "Write a rule" in text


def test_rules__to_read__are_sentences_with_the_products_names(author: Browser) -> None:
    rule_of_today(product="deposit")
    text = author.get("/assist/rules/").content.decode()
    for expected in ("Balance: more than €5,000.", "Deposit", "In force", "Eligibility"):
        assert expected in text


def test_new__saved__is_there_with_its_texts_and_scope(author: Browser) -> None:
    answer = author.post("/assist/rules/new/", WHOLE)
    assert (answer.status_code, answer["Location"]) == (302, "/assist/rules/?done=1")
    version = RuleVersion.objects.get()
    assert (version.code, version.version, version.product, version.reason) == (
        "wealthy",
        1,
        "deposit",
        "Asked by the branch",
    )
    text = author.get("/assist/rules/of/wealthy/").content.decode()
    for expected in ("For large balances.", "Pour soldes élevés.", "Asked by the branch", "Withdraw the rule"):
        assert expected in text


def test_new__tried__counts_the_base_and_saves_nothing(author: Browser) -> None:
    text = author.post("/assist/rules/new/", {**WHOLE, "act": "try"}).content.decode()
    for expected in ("What it would do today", "Balance: more than €5,000.", "Nothing has been saved."):
        assert expected in text
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ({"code": "Not A Code"}, "Code"),
        ({"document": "{"}, "What it asks"),
        ({"document": json.dumps({"schema": 1, "rule": {"feature": "segment", "equals": "x"}})}, "What it asks"),
        ({"adapter": "no.Model"}, "Kind of customer"),
        ({"concerns": "product:ghost"}, "Concerns"),
        ({"valid_from": "2026-02-30"}, "In force from"),
        ({"valid_from": "2026-03-02", "valid_until": "2026-03-01"}, "Until, not included"),
        ({"reason": ""}, "Reason"),
        ({"reason": "x\0y"}, "Reason"),
        ({"step": "whim"}, "Step"),
    ],
)
def test_new__refused__names_the_field_and_keeps_what_was_typed(
    author: Browser, given: dict[str, str], label: str
) -> None:
    answer = author.post("/assist/rules/new/", {**WHOLE, "closed_en": "Kept words", **given})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert f"<strong>{label}</strong>" in text
    assert "Kept words" in text
    assert not RuleVersion.objects.exists()


def test_rule__a_script_in_its_words__is_escaped(author: Browser) -> None:
    rule_of_today(texts={"en": {"closed": "<script>alert(1)</script>"}})
    text = author.get("/assist/rules/of/wealthy/").content.decode()
    assert "<script>alert(1)</script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_rule__changed__has_two_versions(author: Browser) -> None:
    rule_of_today()
    changed = {**WHOLE, "document": json.dumps({"schema": 1, "rule": {"feature": "balance", "above": 6000}})}
    assert author.post("/assist/rules/of/wealthy/", changed).status_code == 302
    text = author.get("/assist/rules/of/wealthy/").content.decode()
    assert text.index("more than €6,000") < text.index("more than €5,000")


def test_withdraw__with_a_reason__takes_it_out_of_force(author: Browser) -> None:
    rule_of_today()
    assert author.post("/assist/rules/of/wealthy/withdraw/", {"reason": ""}).status_code == 400
    assert author.post("/assist/rules/of/wealthy/withdraw/", {"reason": "Over"}).status_code == 302
    assert "Withdrawn" in author.get("/assist/rules/").content.decode()
    assert author.post("/assist/rules/of/wealthy/withdraw/", {"reason": "Over"}).status_code == 400


def test_rule__that_is_not_there__is_404(author: Browser) -> None:
    for code in ("ghost", "gh%00st", "%3Cscript%3E"):
        assert author.get(f"/assist/rules/of/{code}/").status_code == 404


def test_pages__who_may_only_read__see_no_form(author: Browser) -> None:
    rule_of_today()
    reader = signed_in(person("reader", "view_log"))
    assert "Write a rule" not in reader.get("/assist/rules/").content.decode()
    text = reader.get("/assist/rules/of/wealthy/").content.decode()
    assert "more than €5,000" in text
    assert "<form" not in text
    assert reader.post("/assist/rules/of/wealthy/", WHOLE).status_code == 403


def test_pages__in_french__are_french(author: Browser) -> None:
    rule_of_today()
    text = author.get("/assist/rules/of/wealthy/", headers={"accept-language": "fr"}).content.decode()
    for expected in ("Balance\xa0: plus de 5\xa0000\xa0€.", "Retirer la règle", "Enregistrer la version"):
        assert expected in text


def test_decision__closed_by_a_rule__quotes_it_with_its_version(author: Browser, agent: User, rose: Client) -> None:
    rule_of_today(product="deposit", texts={"en": {"closed": "For large balances."}})
    Client.objects.update(balance=100)
    ann, now = Principal(key=str(agent.pk), name="Ann Agent"), timezone.now()
    view = flow.record(ann, LABEL, str(rose.pk), now=now)
    reader = signed_in(person("reader", "view_log"))
    text = reader.get(f"/assist/decisions/{view.decision_id}/").content.decode()
    assert "The customer may not have it." in text
    assert "For large balances." in text
    assert "rule wealthy, version 1" in text


def test_decision__a_suitability_rule_that_holds__tells_the_need(author: Browser, agent: User, rose: Client) -> None:
    rule_of_today(step="suitability", texts={"en": {"need": "The savings earn nothing."}})
    view = flow.record(Principal(key=str(agent.pk), name="Ann"), LABEL, str(rose.pk), now=timezone.now())
    reader = signed_in(person("reader", "view_log"))
    text = reader.get(f"/assist/decisions/{view.decision_id}/").content.decode()
    assert "It serves a need of the customer." in text
    assert "The savings earn nothing." in text
