"""The panel's fragment: what stands on it in each phase, its tag, and who is told nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.customers.registration import registered
from crm_assist.decisions.models import Decision
from crm_assist.recommending.models import Product
from crm_assist.types import Principal
from tests.desk_bank import LABEL, declaring, signed_in
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member, Profile
from tests.story import open_phase, publish
from tests.web.conftest import panel_of

Bank = Callable[[str], None]


def test_panel__recommend__shows_score_and_suggestions(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    answer = panel_of(signed_in(agent), rose.pk)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "orders something" in text
    assert "within 90 days" in text
    assert text.count("data-suggestion=") == 2
    assert "Good deposit" in text
    assert answer["Cache-Control"] == "private, no-store"


def test_panel__score__shows_the_score_and_no_suggestion(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    text = panel_of(signed_in(agent), rose.pk).content.decode()
    assert "crm-assist-score" in text
    assert "data-suggestion=" not in text


@pytest.mark.parametrize(
    ("language", "mark", "tip"),
    [
        ("en", "can change", "The customer or you can do something about it"),
        ("fr", "peut évoluer", "Vous ou le client pouvez y changer quelque chose"),
    ],
)
def test_panel__reason_that_can_change__says_so_in_words(
    bank: Bank, agent: User, rose: Client, language: str, mark: str, tip: str
) -> None:
    bank("recommend")
    asked = {"model": LABEL, "key": rose.pk, "lang": language}
    text = signed_in(agent).get("/assist/panel/", asked).content.decode()
    marks = re.findall(r'<span>([^<]+) <span class="crm-assist-change" title="([^"]+)">\(([^<]+)\)</span></span>', text)
    assert len(marks) == text.count("<li>") == 3  # the score's own, and one of each suggestion
    assert {(title, words) for _reason, title, words in marks} == {(tip, mark)}
    assert all("Balance" in reason for reason, _title, _words in marks)


@pytest.mark.parametrize("declared", [False, None])
def test_panel__reason_that_is_fixed_or_of_which_nobody_said__promises_nothing(
    bank: Bank, agent: User, rose: Client, declared: bool | None
) -> None:
    bank("recommend")
    with declaring(changeable=declared):
        text = panel_of(signed_in(agent), rose.pk).content.decode()
    assert text.count("<li><span>Balance: €8,000</span></li>") == 3
    assert "can change" not in text


@pytest.mark.parametrize("phase", ["off", "shadow"])
@pytest.mark.parametrize("address", ["/assist/panel/", "/assist/record/"])
def test_panel__below_score__shows_no_trace(bank: Bank, agent: User, rose: Client, phase: str, address: str) -> None:
    bank(phase)
    answer = signed_in(agent).get(address, {"model": LABEL, "key": rose.pk})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "%" not in text
    assert "orders something" not in text
    assert "data-suggestion=" not in text
    assert "/decisions/" not in text


def test_panel__same_state__is_304_without_a_body(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    browser = signed_in(agent)
    first = panel_of(browser, rose.pk)
    again = panel_of(browser, rose.pk, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    strong = first["ETag"].removeprefix("W/")
    assert panel_of(browser, rose.pk, headers={"If-None-Match": strong}).status_code == 304
    assert Decision.objects.count() == 1


def test_panel__answered_or_other_language__is_a_new_state(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    browser = signed_in(agent)
    first = panel_of(browser, rose.pk)
    tag = {"If-None-Match": first["ETag"]}
    french = browser.get("/assist/panel/", {"model": LABEL, "key": rose.pk, "lang": "fr"}, headers=tag)
    assert french.status_code == 200
    assert "Bon deposit" in french.content.decode()
    suggestion = flow.record(_principal(agent), LABEL, str(rose.pk), now=timezone.now()).suggestions[0]
    flow.respond(_principal(agent), suggestion.id, kind="accepted", now=timezone.now())
    changed = panel_of(browser, rose.pk, headers=tag)
    assert changed.status_code == 200
    assert "You accepted" in changed.content.decode()


def test_panel__unknown_invisible_and_unreadable__are_told_alike(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    hidden = Client.objects.create(name="Hidden", balance=1)
    browser = signed_in(agent)
    asked = [(LABEL, "999999"), (LABEL, hidden.pk), (LABEL, "no key"), (LABEL, "9" * 400), ("no.Model", "1"), ("", "")]
    answers = [browser.get("/assist/panel/", {"model": model, "key": key}) for model, key in asked]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_panel__signed_out__is_401_and_tells_nothing(bank: Bank, rose: Client) -> None:
    bank("recommend")
    answer = panel_of(Browser(), rose.pk)
    assert answer.status_code == 401
    assert answer.json()["code"] == "signed_out"


def test_panel__address_without_slash_and_unknown_language__work(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    answer = signed_in(agent).get("/assist/panel", {"model": LABEL, "key": rose.pk, "lang": "xx-yy"})
    assert answer.status_code == 200


def test_panel__other_method__is_405(agent: User) -> None:
    answer = signed_in(agent).delete("/assist/panel/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_panel__fault_of_ours__is_a_calm_503(bank: Bank, agent: User, rose: Client, settings: Any) -> None:
    bank("recommend")
    settings.CRM_ASSIST = {"REUSE_SECONDS": "nonsense"}
    answer = panel_of(signed_in(agent), rose.pk)
    assert answer.status_code == 503
    assert answer.json()["title"] == "Help is away for the moment."
    assert "nonsense" not in answer.content.decode()


def test_panel__silence__is_told_in_words(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    Client.objects.filter(pk=rose.pk).update(bereaved=True)
    text = panel_of(signed_in(agent), rose.pk).content.decode()
    assert "This conversation is yours: Bereavement." in text
    assert "data-suggestion=" not in text


def test_panel__text_of_the_host__is_escaped(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    texts = {"en": {"name": "<img src=x onerror=alert(1)>", "benefit": "<script>1</script>"}}
    Product.objects.filter(code="deposit").update(texts=texts)
    flow_text = panel_of(signed_in(agent), rose.pk).content.decode()
    assert "<img" not in flow_text
    assert "<script" not in flow_text


def test_record_page__shows_the_same_without_scripts(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    answer = signed_in(agent).get("/assist/record/", {"model": LABEL, "key": rose.pk})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Good deposit" in text
    assert "Answering needs scripts." in text


def test_record_page__names_the_customer_and_leads_back(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    text = signed_in(agent).get("/assist/record/", {"model": LABEL, "key": rose.pk}).content.decode()
    assert "<h1>Rose</h1>" in text
    assert f'<a href="/clients/{rose.pk}/">Back to the customer' in text


def test_record_page__host_that_cannot_name_the_customer__is_shown_all_the_same(
    bank: Bank, agent: User, rose: Client
) -> None:
    class Nameless(DeskClient):
        def label(self, obj: Any) -> str:
            raise LookupError("no name")

        def url(self, obj: Any) -> str:
            return ""

    bank("recommend")
    with customers.registered(Client, Nameless):
        answer = signed_in(agent).get("/assist/record/", {"model": LABEL, "key": rose.pk})
    assert answer.status_code == 200
    assert "Good deposit" in answer.content.decode()
    assert "Back to the customer" not in answer.content.decode()


def test_record_page__signed_out__signs_in_first(rose: Client) -> None:
    answer = Browser().get("/assist/record/", {"model": LABEL, "key": rose.pk})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=%2Fassist%2Frecord%2F")


def test_record_page__unknown_customer__is_a_page_that_says_so(bank: Bank, agent: User) -> None:
    bank("recommend")
    answer = signed_in(agent).get("/assist/record/", {"model": LABEL, "key": "999"})
    assert answer.status_code == 404
    assert "It does not exist, or it is not yours to see." in answer.content.decode()


def _principal(user: User) -> Principal:
    return Principal(key=str(user.pk))


def test_panel__each_kind_of_customer__knows_its_people_in_its_own_way(bank: Bank, agent: User, rose: Client) -> None:
    bank("recommend")
    house = Guild.objects.create(code="bakers")
    carer = Profile.objects.create(user=agent, guild=house)
    publish("guild.Member", tenant="bakers", feature="fee", now=timezone.now())
    open_phase("score", tenant="bakers", now=timezone.now())
    member = Member.objects.create(guild=house, name="Ben", fee=5000)
    member.carers.add(carer)
    browser = signed_in(agent)
    assert "data-suggestion=" in panel_of(browser, rose.pk).content.decode()
    answer = browser.get("/assist/panel/", {"model": "guild.Member", "key": str(member.pk)})
    assert answer.status_code == 200
    assert "orders something" in answer.content.decode()
    assert Decision.objects.filter(tenant="bakers").count() == 1


def test_panel__shadow__tag_and_body_never_tell_that_the_score_moved(bank: Bank, agent: User, rose: Client) -> None:
    bank("shadow")
    browser = signed_in(agent)
    first = panel_of(browser, rose.pk)
    Client.objects.filter(pk=rose.pk).update(balance=1)
    second = panel_of(browser, rose.pk)
    low, high = sorted(Decision.objects.values_list("probability", flat=True))
    assert low < high
    assert first["ETag"] == second["ETag"]


class Forgetful(DeskClient):
    """Whose customer it is cannot be told."""

    def tenant(self, obj: Client) -> str:
        raise ConnectionError("the core system is away")


@pytest.mark.parametrize("address", ["/assist/panel/", "/assist/record/"])
def test_record__tenant_cannot_be_told__the_answer_is_calm_and_nothing_is_shown(
    bank: Bank, agent: User, rose: Client, address: str
) -> None:
    bank("recommend")
    with registered(Client, Forgetful):
        answer = signed_in(agent).get(address, {"model": LABEL, "key": rose.pk})
    text = answer.content.decode()
    assert answer.status_code == 503
    assert "Help is away for the moment." in text
    assert "core system" not in text
    assert not Decision.objects.exists()
