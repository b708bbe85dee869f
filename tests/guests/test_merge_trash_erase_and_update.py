"""A host that merges, trashes, deletes, erases and updates in bulk: we follow, and lose nothing."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction

from crm_assist import customers, flow
from crm_assist.customers import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal.sealing import seal_all
from crm_assist.journal.verify import verify
from crm_assist.journal.writer import payload_of
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.hosts.shapes.models import Policy
from tests.scores import stored
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db(transaction=True)
BOSS = Principal(key="1", is_superuser=True)


@pytest.fixture
def bank() -> None:
    open_bank("desk.Client")


def test_trash_delete_and_return__scores_and_subject_follow(bank: None) -> None:
    client = Client.objects.create(name="Rose", balance=100)
    client.is_deleted = True
    client.save()
    assert stored() == {}
    assert not Subject.objects.live().exists()
    client.is_deleted = False
    client.save()
    assert list(stored()) == [str(client.pk)]
    assert Subject.objects.live().count() == 1
    client.delete()
    assert stored() == {}


def test_update__without_a_word__is_found_by_the_sweep_command(bank: None) -> None:
    client = Client.objects.create(name="Rose", balance=100)
    gone = Client.objects.create(name="Gone", balance=100)
    call_command("crm_assist_sweep", stderr=StringIO(), stdout=StringIO())
    low = stored()[str(client.pk)]
    Client.objects.filter(pk=client.pk).update(balance=9000)
    Client.objects.filter(pk=gone.pk)._raw_delete("default")
    assert stored()[str(client.pk)] == low
    call_command("crm_assist_sweep", stderr=StringIO(), stdout=StringIO())
    assert stored()[str(client.pk)] > low
    assert str(gone.pk) not in stored()


def test_notify_merged__history_counts_for_the_one_that_stays(bank: None) -> None:
    loser, winner = (Client.objects.create(name=name, balance=5000) for name in "ab")
    view = flow.record(BOSS, "desk.Client", str(loser.pk), now=NOW)
    product = view.suggestions[0].product
    flow.respond(BOSS, view.suggestions[0].id, kind="rejected", reason="not_suitable", request_key="r" * 16, now=NOW)
    with transaction.atomic():
        customers.notify_merged(Client, loser, winner)
        loser.delete()
    after = flow.record(BOSS, "desk.Client", str(winner.pk), now=NOW)
    assert (product, "rejected") in [(suggestion.product, suggestion.state) for suggestion in after.suggestions]
    later = flow.record(BOSS, "desk.Client", str(winner.pk), now=NOW + timedelta(hours=1))
    assert product not in [suggestion.product for suggestion in later.suggestions]
    assert list(stored()) == [str(winner.pk)]


def test_notify_merged__rolled_back_with_the_host__did_not_happen(bank: None) -> None:
    loser, winner = (Client.objects.create(name=name) for name in "ab")

    def merge_and_fail() -> None:
        with transaction.atomic():
            customers.notify_merged(Client, loser, winner)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        merge_and_fail()
    assert not Subject.objects.exclude(merged_into=None).exists()


def test_notify_merged__in_a_circle__raises_to_the_host(bank: None) -> None:
    one, two = (Client.objects.create(name=name) for name in "ab")
    customers.notify_merged(Client, one, two)
    with pytest.raises(customers.MergeRefused):
        customers.notify_merged(Client, two, one)


def test_notify_erased__payloads_and_key_go_and_the_rows_stay(bank: None) -> None:
    client = Client.objects.create(name="Rose", balance=5000)
    view = flow.record(BOSS, "desk.Client", str(client.pk), now=NOW)
    assert payload_of(view.decision_id) is not None
    customers.notify_erased(Client, client.pk)
    assert payload_of(view.decision_id) is None
    assert Decision.objects.filter(pk=view.decision_id).exists()
    assert not Subject.objects.filter(key=str(client.pk)).exists()
    assert stored() == {}


def everything_kept() -> str:
    """Every value of every row of ours, as one text."""
    models = apps.get_app_config("crm_assist").get_models()
    return "\n".join(str(row) for model in models for row in model._base_manager.values_list())


def test_notify_erased__no_table_of_ours_still_holds_key_or_comment() -> None:
    open_bank("shapes.Policy", feature="premium")
    policy = Policy.objects.create(number="ZEBULON/1", premium=500)
    view = flow.record(BOSS, "shapes.Policy", policy.pk, now=NOW)
    decision = view.decision_id
    assert decision is not None
    flow.respond(BOSS, view.suggestions[0].id, kind="rejected", comment="Zebulon is away", now=NOW)
    flow.answer_score(BOSS, decision, kind="wrong", comment="Zebulon is rich", now=NOW)
    flow.own_offer(BOSS, decision, comment="a cake for Zebulon", now=NOW)
    told = {"product": "deposit", "kind": "ordered", "occurred_at": NOW, "now": NOW}
    flow.record_outcome(model="shapes.Policy", key=policy.pk, source="orders", external_id="zebulon-17", **told)
    list(seal_all(tenant="", now=NOW))
    assert "zebulon" in everything_kept().lower()
    customers.notify_erased(Policy, policy.pk)
    policy.delete()
    assert "zebulon" not in everything_kept().lower()
    assert list(verify(tenant="")) == []
