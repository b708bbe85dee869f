"""For a host's own tests: a phase for the length of a block, and a contract that an adapter must keep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from crm_assist import customers, features
from crm_assist.customers import CustomerAdapter
from crm_assist.rollout.models import TeamPhase
from crm_assist.types import CustomerFacts, Phase, Principal


@contextmanager
def override_phase(phase: Phase | str, *, team: str = "", tenant: str = "", percent: int = 100) -> Iterator[None]:
    """Put a team on a rung for the length of a block, unlogged; the empty team is the default for all others."""
    wanted = {"phase": Phase(phase).value, "percent": percent, "outside": Phase.OFF.value}
    before = TeamPhase.objects.filter(tenant=tenant, team=team).first()
    TeamPhase.objects.update_or_create(
        tenant=tenant, team=team, defaults={**wanted, "changed_at": timezone.now(), "changed_by": "test"}
    )
    try:
        yield
    finally:
        TeamPhase.objects.filter(tenant=tenant, team=team).delete()
        if before is not None:
            before.save(force_insert=True)


class HostContract(ABC):
    """Inherit from this in a test class, say how to make customers, and every promise of the adapter is tested.

    class TestBankCustomer(HostContract):
        label = "crm.Customer"
        def make(self, tenant=""): return Customer.objects.create(...)
        def seer_of(self, obj): return Principal(key=str(obj.owner_id))
        def change_in_bulk(self, obj): Customer.objects.filter(pk=obj.pk).update(balance=1)
    """

    label: str

    @abstractmethod
    def make(self, tenant: str = "") -> Any:
        """A new saved customer of a tenant."""

    @abstractmethod
    def seer_of(self, obj: Any) -> Principal:
        """Somebody, no superuser, who may see this customer."""

    @abstractmethod
    def change_in_bulk(self, obj: Any) -> None:
        """Change a feature of this customer without `save()`."""

    @property
    def adapter(self) -> CustomerAdapter:
        """The adapter under test."""
        return customers.adapter_for(self.label)

    def test_key__there_and_back__is_the_same_customer(self) -> None:
        """The key's text leads back to the one record, and to no other."""
        obj, other = self.make(), self.make()
        key = self.adapter.key(obj)
        assert key != self.adapter.key(other), "two customers have the same key"
        assert self.adapter.key(customers.load(self.adapter, [key])[key]) == key

    def test_visible__the_right_person__finds_the_customer(self) -> None:
        """Whoever may see a customer can open it."""
        obj = self.make()
        found = customers.resolve(self.seer_of(obj), self.label, self.adapter.key(obj))
        assert self.adapter.key(found) == self.adapter.key(obj)

    def test_visible__nobody_and_unreadable_keys__are_all_not_found(self) -> None:
        """Who is not logged in sees nothing, and no text for a key is an error."""
        obj = self.make()
        seer = self.seer_of(obj)
        asked = [(customers.NOBODY, self.adapter.key(obj)), (seer, "no such key"), (seer, ""), (seer, "\x00")]
        for principal, key in asked:
            assert _is_hidden(principal, self.label, key), f"{key!r} is found by {principal}"

    def test_tenants__another_tenant__finds_nothing(self) -> None:
        """The same rights in another tenant open nothing."""
        obj = self.make()
        seer = self.seer_of(obj)
        for is_superuser in (False, True):
            stranger = Principal(key=seer.key, tenant=f"not-{seer.tenant}", is_superuser=is_superuser)
            assert _is_hidden(stranger, self.label, self.adapter.key(obj))

    def test_features__one_record_and_many__are_the_same(self) -> None:
        """The record and the list read the same values."""
        obj, now = self.make(), timezone.now()
        single = features.snapshot(self.adapter, obj, now).snapshot
        rows = customers.with_key(self.adapter.queryset(), self.adapter, single.key)
        (listed,) = features.rows(rows, self.adapter, now)
        assert features.values_of(self.adapter, listed) == single.values

    def test_facts__single_and_set__are_the_same(self) -> None:
        """Each question gives the same answer for one record and for a set, and no answer fails."""
        objs = [self.make(), self.make()]
        singles = {self.adapter.key(obj): customers.facts(self.adapter, obj) for obj in objs}
        assert customers.facts_of(self.adapter, objs) == singles
        assert not any(_unknown(facts) for facts in singles.values()), "a question failed; see the log"

    def test_silent_filter__what_it_names__is_silent_by_the_facts_too(self) -> None:
        """A list's order leaves nobody out whose score the record shows."""
        objs = [self.make(), self.make()]
        keys = [self.adapter.parse_key(self.adapter.key(obj)) for obj in objs]
        rows = self.adapter.queryset().filter(**{f"{self.adapter.key_path}__in": keys})
        named = list(rows.filter(self.adapter.silent_filter()))
        assert {self.adapter.key(obj) for obj in named} <= customers.silent_keys(self.adapter, objs)

    def test_sweep__bulk_update__is_picked_up(self) -> None:
        """A change that no signal tells is found by the sweep."""
        obj, now = self.make(), timezone.now()
        key, tenant = self.adapter.key(obj), self.adapter.tenant(obj)
        customers.subject_for(model_label=self.label, key=key, tenant=tenant, now=now)
        assert key in _swept(self.adapter, tenant), "a new customer is not swept"
        assert key not in _swept(self.adapter, tenant), "a customer changes without being changed"
        self.change_in_bulk(obj)
        assert key in _swept(self.adapter, tenant), "a bulk update is not noticed: is it a feature?"


def _is_hidden(principal: Principal, label: str, key: str) -> bool:
    try:
        customers.resolve(principal, label, key)
    except customers.CustomerNotFound:
        return True
    return False


def _unknown(facts: CustomerFacts) -> bool:
    return facts.consent is None or facts.holdings is None or facts.situations is None


def _swept(adapter: CustomerAdapter, tenant: str) -> set[str]:
    steps = customers.sweep(adapter, now=timezone.now(), tenant=tenant)
    return {key for step in steps for key in step.changed}
