"""Our own pages in the admin: whoever may, and the same failures as on every surface."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.test import override_settings

from crm_assist.admin import register
from crm_assist.admin.site import PAGES
from crm_assist.decisions.models import Decision
from crm_assist.rollout.models import TeamPhase
from tests.admin.conftest import HERE, staff
from tests.desk_bank import Bank, signed_in


@pytest.mark.parametrize("page", ["teamphase/", "decision/", "product/", "target/", "cardversion/", "seal/", "run/"])
def test_pages__staff_without_a_permission__are_refused_and_shown_no_menu(bank: Bank, page: str) -> None:
    bank("score")
    browser = signed_in(staff("carl", "view_user"))
    answer = browser.get(f"{HERE}/{page}")
    assert answer.status_code == 403
    assert "You may not do this." in answer.content.decode()
    assert "CRM assist" not in browser.get("/admin/").content.decode()


@pytest.mark.parametrize("page", ["teamphase/", "decision/", "product/", "target/", "cardversion/", "seal/", "run/"])
def test_pages__nobody_and_those_who_are_no_staff__sign_in_first(bank: Bank, page: str) -> None:
    outsider = User.objects.create_superuser("out")
    User.objects.filter(pk=outsider.pk).update(is_staff=False)
    for browser in (Browser(), signed_in(outsider)):
        answer = browser.get(f"{HERE}/{page}")
        assert answer.status_code == 302
        assert "/admin/login/" in answer["Location"]


@pytest.mark.parametrize("page", ["decision/{}/", "cardversion/999999/"])
def test_pages__what_does_not_exist__is_a_page_of_404(analyst: Browser, page: str) -> None:
    answer = analyst.get(f"{HERE}/{page.format(uuid4())}")
    assert answer.status_code == 404
    assert "There is nothing here." in answer.content.decode()


@pytest.mark.parametrize(
    ("page", "query", "status"),
    [
        ("decision/", {"since": "yesterday"}, 400),
        ("decision/", {"after": "nowhere"}, 400),
        ("decision/", {"agent": "\x00"}, 400),
        ("decision/export/", {"format": "xml"}, 400),
        ("teamphase/", {"q": "\x00", "start": "-1", "phase": "<b>"}, 200),
        ("teamphase/", {"start": "9" * 30}, 200),
        ("teamphase/team/", {"team": "", "q": "\x00%", "start": "x"}, 200),
        ("product/", {"q": "%_\\", "start": "²"}, 200),
        ("cardversion/", {"target": "\x00", "start": "99999999999"}, 200),
        ("target/", {"start": "99999999"}, 200),
        ("seal/verify/", {"after": "-3", "found": "many"}, 200),
        ("seal/verify/", {"after": "999999999"}, 200),
    ],
)
def test_pages__odd_addresses__are_told_or_harmless(
    analyst: Browser, boss: User, page: str, query: dict[str, str], status: int
) -> None:
    answer = signed_in(boss).get(f"{HERE}/{page}", query)
    assert answer.status_code == status
    assert "<b>" not in answer.content.decode()


def test_pages__wrong_method__is_refused(analyst: Browser, boss: User) -> None:
    browser = signed_in(boss)
    assert browser.post(f"{HERE}/decision/").status_code == 405


@pytest.mark.parametrize("form", ["teamphase/move", "teamphase/switch", "run/start"])
def test_pages__address_of_a_form__leads_to_its_page(analyst: Browser, boss: User, form: str) -> None:
    answer = signed_in(boss).get(f"{HERE}/{form}/")
    assert (answer.status_code, answer["Location"]) == (302, f"{HERE}/{form.partition('/')[0]}/")


def test_pages__post_without_token__is_refused(governor: Browser, boss: User) -> None:
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(boss)
    sent = {"team": "north", "phase": "score", "percent": "10", "reason": "x"}
    assert strict.post(f"{HERE}/teamphase/move/", sent).status_code == 403
    assert not TeamPhase.objects.filter(team="north").exists()


def test_pages__menu__names_them(boss: User) -> None:
    text = signed_in(boss).get("/admin/").content.decode()
    for name in ("Phases", "Decisions", "Products", "Targets", "Scorecards", "Log verification", "Background work"):
        assert f">{name}</a>" in text, name
    assert "/admin/crm_assist/decision/add/" not in text


def test_pages__addresses_of_ours_not_included__still_work(boss: User, bank: Bank) -> None:
    bank("score")
    with override_settings(ROOT_URLCONF="tests.urls"):
        for page in ("teamphase/", "decision/", "product/", "target/", "cardversion/", "seal/", "run/"):
            assert signed_in(boss).get(f"{HERE}/{page}").status_code == 200


def test_register__on_another_site__once_and_leaving_the_hosts_own() -> None:
    class Theirs(admin.ModelAdmin):
        """The host's own page of decisions."""

    site = admin.AdminSite(name="more")
    site.register(Decision, Theirs)
    register(site)
    register(site)
    assert isinstance(site._registry[Decision], Theirs)
    assert set(site._registry) == set(PAGES)
    for model in PAGES:
        site.unregister(model)
