"""Whoever moved to another tenant, or is gone without a word, leaves no score behind, whichever way the batch goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from crm_assist import customers, flow
from crm_assist.customers.registration import registered
from crm_assist.flow import rescore_strays
from crm_assist.scoring.stored import scope_of
from crm_assist.types import Principal
from tests.flow.batches import WAYS
from tests.hosts.guild.assist import GuildMember
from tests.hosts.guild.models import Guild, Member
from tests.hosts.shapes.models import Seat
from tests.scores import score_rows, stored
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "guild.Member"
IN_PLACE = [way for way in WAYS if way != "swap"]


@pytest.fixture
def moved(guilds: dict[str, Guild]) -> Member:
    """A member of a, scored there, who is one of b since, untold."""
    member = Member.objects.create(guild=guilds["a"], name="moves", fee=100)
    rescored()
    assert tenants_of(member) == ["a"]
    Member.objects.filter(pk=member.pk).update(guild=guilds["b"])
    return member


def rescored(**options: Any) -> None:
    for _ in flow.rescore(customers.adapter_for(LABEL), now=NOW, **options):
        pass


def tenants_of(member: Member) -> list[str]:
    """Under which tenants a score of the member is stored."""
    rows = score_rows(LABEL).filter(key=member.pk)
    return sorted(rows.values_list("scope__tenant", flat=True))


@pytest.mark.parametrize("way", WAYS)
def test_rescore__whole_base__moves_the_score_with_the_customer(moved: Member, way: str) -> None:
    rescored(way=way)
    assert tenants_of(moved) == ["b"]
    assert score_rows(LABEL).count() == 3
    boss = Principal(key="boss", tenant="a", is_superuser=True)
    assert [one.name for one in flow.score_order(boss, Member.objects.all(), now=NOW).queryset] == ["stays in a"]


@pytest.mark.parametrize("way", IN_PLACE)
def test_rescore__some_keys__move_their_scores_and_leave_everybody_elses(moved: Member, way: str) -> None:
    gone = Member.objects.get(name="stays in a")
    Member.objects.filter(pk=gone.pk)._raw_delete("default")
    rescored(way=way, keys=[str(moved.pk)])
    assert tenants_of(moved) == ["b"]
    assert tenants_of(gone) == ["a"]


def test_sweep__customer_who_moved_untold__is_gone_from_the_old_tenant(moved: Member, guilds: dict[str, Guild]) -> None:
    adapter = customers.adapter_for(LABEL)
    Member.objects.filter(pk=moved.pk).update(guild=guilds["a"])
    list(flow.sweep(adapter, now=NOW))
    Member.objects.filter(pk=moved.pk).update(guild=guilds["b"])
    list(flow.sweep(adapter, now=NOW + timedelta(days=1)))
    assert tenants_of(moved) == ["b"]
    subjects = customers.Subject.objects.filter(model_label=LABEL, key=str(moved.pk)).order_by("tenant")
    assert [(subject.tenant, subject.gone_at is None) for subject in subjects] == [("a", False), ("b", True)]


@pytest.mark.parametrize("way", WAYS)
def test_rescore__customer_deleted_without_a_word__leaves_no_score(guilds: dict[str, Guild], way: str) -> None:
    rescored()
    Member.objects.filter(name="stays in a")._raw_delete("default")
    rescored(way=way)
    assert list(stored(LABEL)) == [str(Member.objects.get().pk)]


def test_rescore__key_that_is_two_customers_in_two_tenants__keeps_both_scores(guilds: dict[str, Guild]) -> None:
    """As where each tenant has a schema of its own: what its context sees is all there is."""

    class Apart(GuildMember):
        def tenant_filter(self, tenant: str) -> Q:
            return Q()

    with registered(Member, Apart):
        rescored()
        rescored(keys=[str(Member.objects.earliest("name").pk)])
        assert score_rows(LABEL).count() == 4


def test_rescore__key_of_two_columns__is_looked_up_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescore_strays, "KEYS_PER_QUERY", 2)
    open_bank("shapes.Seat", "score", feature="price")
    adapter = customers.adapter_for("shapes.Seat")
    seats = Seat.objects.bulk_create([Seat(row="A", number=number) for number in range(5)])
    list(flow.rescore(adapter, now=NOW))
    kept = score_rows("shapes.Seat")[0]
    type(kept)._default_manager.create(
        scope_id=scope_of(adapter, target="orders", tenant=""), key="no key", card=1, probability=0.5, scored_at=NOW
    )
    Seat.objects.filter(number__in=(1, 4)).delete()
    list(flow.rescore(adapter, now=NOW))
    assert set(stored("shapes.Seat")) == {adapter.key(seat) for seat in seats if seat.number not in (1, 4)}
