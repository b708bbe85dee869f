"""Two tenants in one database: on no surface does one see, change, score or learn from the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.decisions.models import Outcome, Response
from crm_assist.flow import gaps
from crm_assist.flow.happened import happened
from crm_assist.flow.learned_rows import past_rows
from crm_assist.flow.past import Past
from crm_assist.journal.writer import payload_of
from crm_assist.learning.models import Target
from tests.guests.houses import LABEL, House, panel
from tests.hosts.guild.models import Member
from tests.scores import score_rows

pytestmark = pytest.mark.django_db


def test_record__member_of_the_other_tenant__is_not_found(bakers: House, smiths: House) -> None:
    for name in ("panel", "record"):
        assert panel(bakers.browser, bakers.member, name) == 200
        assert panel(bakers.browser, smiths.member, name) == 404
    smiths.member.carers.add(bakers.user.guild_profile)
    assert panel(bakers.browser, smiths.member) == 404
    User.objects.filter(pk=bakers.user.pk).update(is_superuser=True)
    assert panel(bakers.browser, smiths.member) == 404


@pytest.mark.parametrize(
    ("name", "argument", "body"),
    [
        ("respond", "suggestion", {"kind": "accepted"}),
        ("undo", "suggestion", {}),
        ("answer_score", "decision", {"kind": "useful"}),
        ("own_offer", "decision", {"product": "deposit"}),
        ("displayed", "decision", {}),
    ],
)
def test_answers__to_the_other_tenants_rows__are_not_found(
    bakers: House, smiths: House, name: str, argument: str, body: dict[str, str]
) -> None:
    before = Response.objects.count()
    address = reverse(f"crm_assist:{name}", args=[getattr(smiths, argument)])
    key = {} if name == "displayed" else {"request_key": "k" * 16}
    answer = bakers.browser.post(address, {**body, **key}, content_type="application/json")
    assert answer.status_code == 404, answer.content
    assert Response.objects.count() == before


def test_log__list_detail_replay_and_export__hold_the_own_rows_alone(bakers: House, smiths: House) -> None:
    listed = bakers.browser.get(reverse("crm_assist:decisions"))
    assert str(bakers.decision) in listed.content.decode()
    assert str(smiths.decision) not in listed.content.decode()
    by_key = bakers.browser.get(reverse("crm_assist:decisions"), {"key": str(smiths.member.pk)})
    assert str(smiths.decision) not in by_key.content.decode()
    for name in ("decision", "replay"):
        act = bakers.browser.get if name == "decision" else bakers.browser.post
        assert act(reverse(f"crm_assist:{name}", args=[bakers.decision]), follow=True).status_code == 200
        assert act(reverse(f"crm_assist:{name}", args=[smiths.decision]), follow=True).status_code == 404
    exported = bakers.browser.get(reverse("crm_assist:export"), {"format": "csv"})
    text = b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    assert str(bakers.decision) in text
    assert str(smiths.decision) not in text


def test_phases_and_products__pages_and_moves__stay_in_the_own_house(bakers: House, smiths: House) -> None:
    flow.change_phase(smiths.principal, team="forge", phase="score", percent=100, reason="x", now=timezone.now())
    assert "forge" not in bakers.browser.get(reverse("crm_assist:phases")).content.decode()
    flow.kill(smiths.principal, reason="stop", now=timezone.now())
    assert flow.record(bakers.principal, LABEL, str(bakers.member.pk), now=timezone.now()).score is not None
    assert flow.record(smiths.principal, LABEL, str(smiths.member.pk), now=timezone.now()).score is None
    shown = bakers.browser.get(reverse("crm_assist:products")).content.decode()
    assert "only_bakers" in shown
    assert "only_smiths" not in shown


def test_lists__scores_on_the_page_and_both_orders__leave_the_others_out(bakers: House, smiths: House) -> None:
    now, keys = timezone.now(), [str(house.member.pk) for house in (bakers, smiths)]
    adapter = customers.adapter_for(Member)
    for _ in flow.rescore(adapter, now=now):
        pass
    assert {(tenant, str(key)) for tenant, key in score_rows(LABEL).values_list("scope__tenant", "key")} == {
        ("bakers", keys[0]),
        ("smiths", keys[1]),
    }
    assert list(flow.list_scores(bakers.principal, LABEL, keys, now=now)) == keys[:1]
    stored = flow.order_by_score(bakers.principal, Member.objects.all(), now=now)
    assert list(stored or []) == [bakers.member]
    live = flow.order_by_score(bakers.principal, Member.objects.all(), live=True, now=now)
    assert [(one, one.live_score is None) for one in live or []] == [(bakers.member, False), (smiths.member, True)]


@pytest.mark.parametrize("gone", [False, True])
def test_merge__of_keys_in_two_tenants__is_refused_and_hands_over_no_history(
    bakers: House, smiths: House, gone: bool
) -> None:
    key, before = smiths.member.pk, customers.Subject.objects.count()
    if gone:  # the host deleted the loser before it told us: what we know of it says whose it was
        smiths.member.delete()
    with pytest.raises(customers.MergeRefused, match="another tenant"):
        customers.notify_merged(Member, key, bakers.member.pk)
    subject = customers.Subject.objects.get(model_label=LABEL, key=str(key))
    assert (subject.tenant, subject.merged_into_id) == ("smiths", None)
    assert customers.Subject.objects.count() == before


def test_merge__of_a_customer_that_was_never_opened__stays_in_the_tenant(bakers: House) -> None:
    twin = Member.objects.create(guild=bakers.member.guild, name="Twin")
    customers.notify_merged(Member, twin.pk, bakers.member.pk)
    merged = customers.Subject.objects.get(key=str(twin.pk))
    assert merged.tenant == "bakers"
    assert merged.merged_into == customers.Subject.objects.get(key=str(bakers.member.pk))


def test_learning__target_of_one_tenant__sees_no_member_or_outcome_of_the_other(bakers: House, smiths: House) -> None:
    now = timezone.now()
    for house in (bakers, smiths):
        flow.record_outcome(
            model=LABEL,
            key=str(house.member.pk),
            tenant=house.code,
            product="deposit",
            kind="ordered",
            occurred_at=now - timedelta(days=1),
            now=now,
        )
    target = Target.objects.get(tenant="bakers", name="orders")
    assert list(happened(target).sure) == [str(bakers.member.pk)]
    rows = past_rows(target, Past(), moments=1, most=100, now=now, seed=0)
    assert set(rows.keys) <= {str(bakers.member.pk)}


def test_outcomes__same_key_told_for_both_at_once__stand_each_on_its_own_subject(bakers: House, smiths: House) -> None:
    now, key = timezone.now(), str(bakers.member.pk)
    told = [
        flow.ToldOutcome(key=key, product="deposit", kind="ordered", occurred_at=now, tenant=house.code)
        for house in (bakers, smiths)
    ]
    assert flow.record_outcomes(LABEL, told, source="core", now=now).recorded == 2
    rows = Outcome.objects.select_related("subject").order_by("tenant")
    assert [(row.tenant, row.subject.tenant) for row in rows] == [("bakers", "bakers"), ("smiths", "smiths")]


def test_sweep__both_tenants__change_each_in_its_own(bakers: House, smiths: House) -> None:
    adapter, now = customers.adapter_for(Member), timezone.now()
    assert list(flow.sweep(adapter, now=now))[-1].note == "2 changed, 0 gone"
    Member.objects.filter(pk=smiths.member.pk).update(fee=9)
    assert list(flow.sweep(adapter, now=now))[-1].note == "1 changed, 0 gone"


def test_batches__host_with_one_context_at_a_time__read_each_tenant_in_its_own(
    bakers: House, smiths: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a variable of the session for row-level security: whoever leaves a context leaves none behind."""
    adapter, now, inside = customers.adapter_for(Member), timezone.now(), [""]
    for house in (bakers, smiths):
        Member.objects.bulk_create([Member(guild=house.member.guild, name=str(n)) for n in range(5)])

    @contextmanager
    def context(self: Any, tenant: str) -> Iterator[None]:
        assert inside == [""], "contexts stand inside each other"
        inside[0] = tenant
        yield
        inside[0] = ""

    monkeypatch.setattr(type(adapter), "tenant_context", context)
    monkeypatch.setattr("crm_assist.flow.rescore_ways.SQL_CHUNK", 2)
    monkeypatch.setattr("crm_assist.flow.rescore_ways.PAGE", 2)
    monkeypatch.setattr("crm_assist.flow.sweeping.CHUNK", 2)
    for way in ("in_place", "numpy"):
        assert list(flow.rescore(adapter, now=now, way=way))[-1].done == 12
    assert list(flow.sweep(adapter, now=now))[-1].note == "12 changed, 0 gone"
    assert inside == [""]


def test_gaps__of_one_tenant__are_told_by_its_own_next_decision_alone(bakers: House, smiths: House) -> None:
    missed, later = timezone.now(), timezone.now() + timedelta(hours=1)
    gaps.note("smiths", missed)
    told = {}
    for house in (bakers, smiths):
        view = flow.record(house.principal, LABEL, str(house.member.pk), now=later)
        assert view.decision_id is not None
        told[house.code] = (payload_of(view.decision_id) or {})["gaps"]
    assert (told["bakers"], len(told["smiths"])) == ([], 1)
    assert gaps.unlogged() == 0
