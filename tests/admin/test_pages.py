"""Our own pages in the admin: whoever may, with counted statements, and the same failures as on every surface."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client as Browser
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.admin import register
from crm_assist.admin.log_pages import LogPages
from crm_assist.admin.site import PAGES
from crm_assist.customers import registration
from crm_assist.decisions.models import Decision
from crm_assist.journal import guards
from crm_assist.journal.sealing import seal
from crm_assist.rollout.models import PhaseChange, TeamPhase
from crm_assist.runs.models import Run
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Principal
from tests.admin.conftest import LABEL, clients, signed_in
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.story import fitted, open_phase, stock

Bank = Callable[[str], None]
HERE = "/admin/crm_assist"


def staff(name: str, *permissions: str) -> User:
    """A member of staff with permissions of ours alone."""
    user = User.objects.create_user(name, is_staff=True, first_name=name.title(), last_name="Staff")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def governor(bank: Bank) -> Browser:
    bank("score")
    return signed_in(staff("gill", "change_phase"))


@pytest.fixture
def analyst(bank: Bank, boss: User) -> Browser:
    """An analyst, after three decisions."""
    bank("recommend")
    agent = Principal(key=str(boss.pk), name="Bea Boss", is_superuser=True)
    for client in clients(boss, 3):
        flow.record(agent, LABEL, str(client.pk), now=timezone.now())
    return signed_in(staff("anna", "view_log", "export_log"))


def asked(browser: Browser, address: str, **query: Any) -> tuple[str, int]:
    """A page and how many statements it took beyond those of a page of ours that asks nothing of its own."""
    browser.get(f"{HERE}/{address}", query)  # what is kept in memory is there from now on
    with CaptureQueriesContext(connection) as found:
        answer = browser.get(f"{HERE}/{address}", query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    own = [one for one in found if '"crm_assist_' in one["sql"] or "first_name" in one["sql"].partition("FROM")[0]]
    # Whoever is signed in is read by the session and not by us.
    return answer.content.decode(), len(own) - 1


def test_phases__500_teams__are_found_and_paged_in_the_same_statements(governor: Browser) -> None:
    now = timezone.now()
    TeamPhase.objects.create(team="alone", phase="score", changed_at=now, changed_by="1")
    few = asked(governor, "teamphase/")[1]
    TeamPhase.objects.bulk_create(
        [TeamPhase(team=f"team {place:03}", phase="score", changed_at=now, changed_by="1") for place in range(500)]
    )
    text, many = asked(governor, "teamphase/")
    assert many == few
    assert text.count("/teamphase/team/?team=team+") == 48
    assert len(text) < 60_000
    assert "Score (501)" in text
    found = asked(governor, "teamphase/", q="TEAM 49")[0]
    assert re.findall(r"team \d\d\d", found)[:1] == ["team 490"]
    assert found.count("/teamphase/team/?team=team+49") == 10
    assert "team 050" in asked(governor, "teamphase/", start="50")[0]
    assert "No team matches." in asked(governor, "teamphase/", q="nowhere")[0]
    assert "No team matches." in asked(governor, "teamphase/", phase="recommend")[0]


def test_phases__history_and_teams__name_people_and_not_keys(bank: Bank) -> None:
    bank("score")
    gill = staff("gill", "change_phase")
    browser = signed_in(gill)
    move = {"team": "north", "phase": "score", "percent": "30", "reason": "pilot"}
    answer = browser.post(f"{HERE}/teamphase/move/", move)
    assert (answer.status_code, answer["Location"]) == (302, f"{HERE}/teamphase/team/?team=north&done=1")
    assert PhaseChange.objects.get(team="north").by == str(gill.pk)
    assert asked(browser, "teamphase/")[0].count("Gill Staff") >= 2
    assert "boss" in asked(browser, "teamphase/")[0], "whom no user stands for keeps the key"
    assert "Done." in browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(("existing", "team"), [("", "north"), ("1", "")])
def test_move__refused__says_so_on_the_page_it_came_from(governor: Browser, existing: str, team: str) -> None:
    sent = {"existing": existing, "team": team, "phase": "score", "percent": "130", "reason": "why"}
    answer = governor.post(f"{HERE}/teamphase/move/", sent)
    assert answer.status_code == 400
    assert "130 is not a percentage" in answer.content.decode()


def test_switch__stop_and_go(governor: Browser) -> None:
    unsure = governor.post(f"{HERE}/teamphase/switch/", {"to": "killed", "reason": "drill"})
    assert unsure.status_code == 400
    assert "Tick the box" in unsure.content.decode()
    sure = governor.post(f"{HERE}/teamphase/switch/", {"to": "killed", "sure": "yes", "reason": "drill"})
    assert sure.status_code == 302
    assert "All help is stopped." in asked(governor, "teamphase/")[0]


class Desks(DeskClient):
    """A host that knows its teams: everybody whose user name begins with the team's."""

    def agents(self, tenant: str, team: str) -> Any:
        return User.objects.filter(username__startswith=f"{team}-").order_by("username")

    def agent(self, user: User) -> Principal:
        return Principal(key=str(user.pk), name=user.get_full_name(), teams=(user.username.partition("-")[0],))


def test_team__host_that_tells_its_agents__who_is_in_and_why(governor: Browser) -> None:
    User.objects.bulk_create(
        [User(username=f"north-{place:02}", first_name=f"Nora{place:02}", last_name="N") for place in range(45)]
    )
    open_phase("recommend", team="north", percent=50)
    with customers.registered(Client, Desks):
        text, statements = asked(governor, "teamphase/team/", team="north")
        assert statements <= 9
        assert text.count("Nora") == 20
        within, outside = text.count("within the 50%"), text.count("outside the 50%")
        assert within + outside == 20
        assert 0 < within < 20
        assert "By the team “north”." in text
        assert "start=20" in text
        assert asked(governor, "teamphase/team/", team="north", start="40")[0].count("Nora") == 5
        named = asked(governor, "teamphase/team/", team="north", q="nora07")[0]
        assert named.count("Nora07") == 1


def test_team__host_that_cannot_tell__finds_agents_by_name(governor: Browser) -> None:
    staff("zoe")
    open_phase("off", team="north")
    silent = asked(governor, "teamphase/team/", team="north")[0]
    assert "Zoe" not in silent
    found = asked(governor, "teamphase/team/", team="north", q="zoe staff")[0]
    assert "Zoe Staff" in found
    assert "As all other teams: the host names no team." in found
    assert "All its agents are in." in found
    assert "No agent matches." in asked(governor, "teamphase/team/", team="north", q="nobody")[0]


def test_team__unknown__is_told(governor: Browser) -> None:
    answer = governor.get(f"{HERE}/teamphase/team/", {"team": "nowhere"})
    assert answer.status_code == 400
    assert "There is no team of this name." in answer.content.decode()


class Foreign(DeskClient):
    """A host in which everybody belongs to another tenant."""

    def agent(self, user: User) -> Principal:
        return Principal(key=str(user.pk), name=user.get_full_name(), tenant="elsewhere")


class Failing(DeskClient):
    """A host that cannot tell anything."""

    def agents(self, tenant: str, team: str) -> Any:
        raise RuntimeError("no agents")

    def agent(self, user: User) -> Principal:
        raise RuntimeError("no agent")

    def agent_names(self, keys: Any) -> Any:
        raise RuntimeError("no names")


@pytest.mark.parametrize("adapter", [Foreign, Failing])
def test_team__agents_of_other_tenants_and_hosts_that_fail__show_nobody(
    governor: Browser, adapter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff("zoe")
    open_phase("off", team="north")
    monkeypatch.setattr(registration._registry, "_entries", {})
    with customers.registered(Client, adapter):
        assert "Zoe Staff" not in asked(governor, "teamphase/team/", team="north", q="zoe")[0]


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
    replayed = analyst.post(f"{HERE}/decision/{decision.pk}/replay/").content.decode()
    assert "the same result, number for number" in replayed


def test_decisions__export__is_the_filtered_file(analyst: Browser) -> None:
    answer = analyst.get(f"{HERE}/decision/export/", {"format": "jsonl"})
    assert len(b"".join(answer.streaming_content).splitlines()) == 3
    assert "attachment" in answer["Content-Disposition"]


def test_products__list__is_found_by_code(governor: Browser) -> None:
    stock(codes=("loan", "deposit"))
    text, statements = asked(governor, "product/", q="loan")
    assert "Good loan" in text
    assert "Good deposit" not in text
    assert statements == 1


def test_cards_and_targets__versions_roles_and_points(bank: Bank) -> None:
    bank("score")
    browser = signed_in(staff("dora", "publish_card", "declare_target"))
    assert "orders something" in asked(browser, "target/")[0]
    text, statements = asked(browser, "cardversion/")
    assert text.count("Serves now") == 3
    assert statements <= 2
    card = CardVersion.objects.get(target="orders")
    one = asked(browser, f"cardversion/{card.pk}/")[0]
    assert "<code>balance</code>" in one
    assert "first card" in one
    assert "Let this card serve again" not in one


def test_restore__an_earlier_card__serves_again_as_a_new_version(bank: Bank) -> None:
    bank("score")
    dora = staff("dora", "publish_card")
    browser = signed_in(dora)
    first = CardVersion.objects.get(target="orders")
    target = flow.targets(Principal(key="x", is_superuser=True)).get(name="orders")
    editor = Principal(key="boss", permissions=frozenset({"publish_card"}))
    flow.publish_card(editor, target, fitted("minutes_90d"), reason="second", now=timezone.now())
    address = f"{HERE}/cardversion/{first.pk}/restore/"
    refused = browser.post(address, {"reason": " "})
    assert refused.status_code == 400
    assert "Say why" in refused.content.decode()
    answer = browser.post(address, {"reason": "the second was worse"})
    assert answer.status_code == 302
    champion = CardVersion.objects.get(target="orders", role="champion")
    assert (champion.version, champion.published_by) == (3, str(dora.pk))
    assert champion.text == first.text
    assert "Dora Staff" in browser.get(answer["Location"]).content.decode()
    again = browser.post(f"{HERE}/cardversion/{champion.pk}/restore/", {"reason": "again"})
    assert again.status_code == 400
    assert "serves already" in again.content.decode()


def test_card__damaged_text__is_told(bank: Bank) -> None:
    bank("score")
    card = CardVersion.objects.get(target="orders")
    CardVersion.objects.filter(pk=card.pk).update(text="{}")
    assert "damaged" in asked(signed_in(staff("dora", "view_log")), f"cardversion/{card.pk}/")[0]


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
    assert browser.get(f"{HERE}/teamphase/move/").status_code == 405
    assert browser.post(f"{HERE}/decision/").status_code == 405


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


def test_work__runs__are_seen_asked_for_followed_and_given_up(bank: Bank) -> None:
    bank("score")
    browser = signed_in(staff("olga", "manage_runs"))
    assert "Nothing has run yet." in asked(browser, "run/")[0]
    answer = browser.post(f"{HERE}/run/start/", {"kind": "rescore", "about": LABEL})
    assert (answer.status_code, answer["Location"]) == (302, f"{HERE}/run/?asked=1")
    text, statements = asked(browser, "run/")
    assert statements <= 2
    assert LABEL in text
    assert "Olga Staff" in text
    run = Run.objects.get()
    assert browser.get(f"{HERE}/run/", {"watch": "1"})["Refresh"] == "5"
    assert f"{HERE}/run/{run.pk}/resume/" in text
    assert browser.post(f"{HERE}/run/{run.pk}/resume/").status_code == 302
    assert browser.post(f"{HERE}/run/{run.pk}/give-up/", {"reason": "too slow"}).status_code == 302
    assert "too slow" in asked(browser, "run/history/", kind="rescore", about=LABEL)[0]
    assert browser.post(f"{HERE}/run/999999/resume/").status_code == 404


def test_work__unknown_kind_or_matter__is_told(bank: Bank) -> None:
    browser = signed_in(staff("olga", "manage_runs"))
    for sent in ({"kind": "dance", "about": ""}, {"kind": "rescore", "about": "no.Such\x00"}, {}):
        answer = browser.post(f"{HERE}/run/start/", sent)
        assert answer.status_code == 400
        assert "choose one of" in answer.content.decode()
