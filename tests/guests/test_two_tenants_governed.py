"""What data teams, administrators and operators of one tenant see and do: nothing of it reaches the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.urls import include, path
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.admin import injection
from crm_assist.runs.models import Run
from crm_assist.scorecards.models import CardVersion
from crm_assist.scoring.live import band
from crm_assist.types import Principal
from tests.guests.houses import LABEL, House
from tests.hosts.guild.models import Member, Profile
from tests.scores import stored

pytestmark = pytest.mark.django_db


def test_targets_and_cards__lists_and_one_card__hold_the_own_alone(bakers: House, smiths: House) -> None:
    assert {target.tenant for target in flow.targets(bakers.principal)} == {"bakers"}
    assert {card.tenant for card in flow.cards(bakers.principal)} == {"bakers"}
    own, other = (CardVersion.objects.filter(tenant=house.code)[0].pk for house in (bakers, smiths))
    assert flow.card(bakers.principal, own).row.pk == own
    with pytest.raises(flow.CardNotFound):
        flow.card(bakers.principal, other)


def test_restore_card__of_the_other_tenant__is_not_found_and_changes_nothing(bakers: House, smiths: House) -> None:
    before = list(CardVersion.objects.order_by("pk").values_list("pk", "role"))
    for card_id in CardVersion.objects.filter(tenant="smiths").values_list("pk", flat=True):
        with pytest.raises(flow.CardNotFound):
            flow.restore_card(bakers.principal, card_id, reason="mine now", now=timezone.now())
    assert list(CardVersion.objects.order_by("pk").values_list("pk", "role")) == before


def test_record__main_target_of_the_tenant__comes_before_the_one_of_all(bakers: House) -> None:
    now = timezone.now()
    root = Principal(key="root", is_superuser=True)
    of_all: dict[str, Any] = {"name": "of_all", "adapter": LABEL, "labels": {"en": "All"}, "products": []}
    flow.declare_target(root, **of_all, horizon_days=30, is_main=True, now=now)
    view = flow.record(bakers.principal, LABEL, str(bakers.member.pk), now=now)
    assert view.score is not None
    assert view.score.target == "orders"


def test_runs__refit_of_the_other_tenant__is_not_seen_resumed_or_given_up(bakers: House, smiths: House) -> None:
    now = timezone.now()
    run = flow.start(smiths.principal, kind="refit", about="orders", now=now)
    assert [one.id for one in flow.runs(smiths.principal, now=now)] == [run.id]
    assert flow.runs(bakers.principal, now=now) == ()
    assert flow.run_history(bakers.principal, kind="refit", about="orders", now=now) == ()
    with pytest.raises(flow.RunNotFound):
        flow.resume(bakers.principal, run.id, now=now)
    with pytest.raises(flow.RunNotFound):
        flow.give_up(bakers.principal, run.id, reason="not yours", now=now)
    assert Run.objects.get(pk=run.id).fault == ""


def test_agents__search__finds_and_counts_the_own_people_alone(bakers: House, smiths: House) -> None:
    for house, names in ((smiths, ("zelda1", "zelda2", "zelda3")), (bakers, ("zelda7", "zelda8", "zelda9"))):
        for name in names:
            Profile.objects.create(user=User.objects.create_user(name), guild=house.member.guild)
    assert flow.agents(bakers.principal, search="zelda1", most=1) == flow.agents(bakers.principal, search="no one")
    pages = [flow.agents(bakers.principal, search="zelda", start=start, most=2) for start in (0, 2)]
    keys = {str(user.pk): user.username for user in User.objects.all()}
    assert [[keys[row.key] for row in page.rows] for page in pages] == [["zelda7", "zelda8"], ["zelda9"]]
    assert [page.more for page in pages] == [True, False]


@pytest.mark.django_db(transaction=True)  # what is not committed is not sealed
def test_verify_log__checks_the_own_links_alone(bakers: House, smiths: House) -> None:
    for _ in flow.seal(now=timezone.now(), tenant="smiths"):
        pass
    assert [(checked.step.done, checked.faults) for checked in flow.verify_log(bakers.principal)] == [(0, ())]
    assert flow.log_state(bakers.principal).seals == 0
    assert [checked.faults for checked in flow.verify_log(smiths.principal)] == [()]


@contextmanager
def admin_of_members() -> Iterator[ModuleType]:
    """The host's own list of all members, whatever guild they are in."""
    site, addresses = admin.AdminSite(name="guilds"), ModuleType("urls_of_guilds")
    site.register(Member, type("MemberAdmin", (admin.ModelAdmin,), {"list_display": ("name",)}))
    addresses.urlpatterns = [path("guilds/", site.urls), path("assist/", include("crm_assist.urls"))]  # type: ignore[attr-defined]
    injection.inject()
    try:
        yield addresses
    finally:
        site.unregister(Member)


def listed(house: House, **asked: Any) -> list[str]:
    answer = house.browser.get("/guilds/guild/member/", asked)
    assert answer.status_code == 200, answer.headers
    return re.findall(r'<th class="field-name"><a [^>]*>([^<]*)</a>', answer.content.decode())


def test_admin_list__cells_order_and_band__tell_of_the_own_members_alone(
    bakers: House, smiths: House, settings: Any
) -> None:
    for _ in flow.rescore(customers.adapter_for(LABEL), now=timezone.now()):
        pass
    User.objects.filter(pk=bakers.user.pk).update(is_staff=True)
    bakers.user.user_permissions.add(*Permission.objects.filter(content_type__app_label="guild"))
    sight = flow.list_sight(bakers.principal, LABEL)
    assert sight is not None
    of_both = band(stored(LABEL)[str(smiths.member.pk)], sight.serving.base)
    with admin_of_members() as addresses:
        settings.ROOT_URLCONF = addresses
        text = bakers.browser.get("/guilds/guild/member/").content.decode()
        assert text.count("crm-assist-cell") == 1
        assert sorted(listed(bakers)) == ["Member of bakers", "Member of smiths"]
        assert listed(bakers, o="-2") == listed(bakers, o="2") == ["Member of bakers"]
        assert listed(bakers, crm_assist_band=of_both) == ["Member of bakers"]
