"""Suggestions as they stand: one open per product, shared, withdrawn or expired when no longer offered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import State, Suggestion
from crm_assist.decisions.suggestions import Offer, Overtaken, as_history, of_subject, offer
from crm_assist.journal.ids import uuid7
from crm_assist.types import PastSuggestion
from tests.decisions.conftest import NOW, OpenSuggestions

DAY = timedelta(days=1)


def standing() -> dict[str, list[str]]:
    """The states of each product's suggestions, oldest first."""
    found: dict[str, list[str]] = {}
    for row in Suggestion.objects.order_by("opened_at", "id"):
        found.setdefault(row.product, []).append(row.state)
    return found


def test_offer__new_products__are_opened_with_their_rank(opened: OpenSuggestions) -> None:
    found = opened("deposit", "card")
    rows = {row.product: row for row in Suggestion.objects.all()}
    assert {code: row.rank for code, row in rows.items()} == {"deposit": 1, "card": 2}
    assert found == rows
    assert all(row.state == State.OPEN and row.opened_at == NOW for row in rows.values())


def test_offer__open_already__is_shared_by_one_look_and_writes_nothing(
    opened: OpenSuggestions, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = opened("deposit", "card")
    known = list(first.values())
    with django_assert_num_queries(1):
        again = opened("deposit", "card", known=known, now=NOW + DAY)
    assert again == first
    assert Suggestion.objects.count() == 2


def test_offer__no_longer_offered__is_withdrawn(opened: OpenSuggestions) -> None:
    opened("deposit", "card")
    found = opened("card", "loan", now=NOW + DAY)
    assert set(found) == {"card", "loan"}
    assert standing() == {"card": ["open"], "deposit": ["withdrawn"], "loan": ["open"]}


def test_offer__nothing__withdraws_all(opened: OpenSuggestions) -> None:
    opened("deposit", "card")
    assert opened() == {}
    assert standing() == {"card": ["withdrawn"], "deposit": ["withdrawn"]}


def test_offer__unanswered_for_too_long__expires_and_is_opened_anew(opened: OpenSuggestions) -> None:
    first = opened("deposit")["deposit"]
    kept = opened("deposit", now=NOW + 30 * DAY)["deposit"]
    fresh = opened("deposit", now=NOW + 30 * DAY + timedelta(seconds=1))["deposit"]
    assert (kept.pk == first.pk, fresh.pk == first.pk) == (True, False)
    assert standing() == {"deposit": ["expired", "open"]}


@pytest.mark.parametrize("state", [state for state in State if state != State.OPEN])
def test_offer__closed_before__is_left_as_it_is(opened: OpenSuggestions, state: State) -> None:
    first = opened("deposit")["deposit"]
    Suggestion.objects.filter(pk=first.pk).update(state=state, answered_at=NOW)
    opened("deposit", now=NOW + DAY)
    assert standing() == {"deposit": [state, "open"]}


def test_offer__opened_by_somebody_since_we_looked__is_shared(opened: OpenSuggestions) -> None:
    theirs = opened("deposit")["deposit"]
    ours = opened("deposit", "card", known=[])
    assert ours["deposit"].pk == theirs.pk
    assert set(ours) == {"deposit", "card"}


@pytest.mark.parametrize("codes", [(), ("deposit",), ("card",)])
def test_offer__answered_since_we_looked__is_to_be_decided_anew(opened: OpenSuggestions, codes: tuple[str]) -> None:
    seen = list(opened("deposit").values())
    Suggestion.objects.update(state=State.ACCEPTED, answered_at=NOW)
    with pytest.raises(Overtaken), transaction.atomic():
        opened(*codes, known=seen)
    assert standing() == {"deposit": ["accepted"]}


def test_offer__opened_and_answered_since_we_looked__is_to_be_decided_anew(opened: OpenSuggestions) -> None:
    opened("deposit")
    Suggestion.objects.update(state=State.REJECTED, answered_at=NOW)
    with pytest.raises(Overtaken), transaction.atomic():
        opened("deposit", known=[])
    assert standing() == {"deposit": ["rejected"]}


def test_offer__another_one_opened_since_we_looked__is_not_taken_away(opened: OpenSuggestions) -> None:
    opened("deposit")
    with pytest.raises(Overtaken), transaction.atomic():
        opened("card", known=[])
    assert standing() == {"deposit": ["open"]}


def test_offer__open_on_a_merged_subject__is_shared_beside_new_ones(opened: OpenSuggestions, subject: Subject) -> None:
    merged = Subject.objects.create(model_label="bank.Customer", key="7", created_at=NOW, merged_into=subject)
    before = opened("deposit", subject_id=merged.pk)["deposit"]
    found = opened("deposit", "card", now=NOW + DAY)
    assert found["deposit"].pk == before.pk
    assert set(found) == {"deposit", "card"}


def test_offer__open_on_both_of_a_merge__keeps_the_newer_one(opened: OpenSuggestions, subject: Subject) -> None:
    merged = Subject.objects.create(model_label="bank.Customer", key="7", created_at=NOW)
    opened("deposit", subject_id=merged.pk, known=[])
    newer = opened("deposit", known=[], now=NOW + DAY)["deposit"]
    Subject.objects.filter(pk=merged.pk).update(merged_into=subject)
    assert opened("deposit", now=NOW + DAY)["deposit"].pk == newer.pk
    assert standing() == {"deposit": ["withdrawn", "open"]}


def test_database__second_open_suggestion_of_a_product__is_refused(opened: OpenSuggestions, subject: Subject) -> None:
    first = opened("deposit")["deposit"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Suggestion.objects.create(
            id=uuid7(NOW), decision_id=first.decision_id, subject=subject, product="deposit", rank=1, opened_at=NOW
        )


def test_of_subject__merged_ones__count_too_and_others_do_not(opened: OpenSuggestions, subject: Subject) -> None:
    merged, other = (Subject.objects.create(model_label="bank.Customer", key=key, created_at=NOW) for key in "78")
    Subject.objects.filter(pk=merged.pk).update(merged_into=subject)
    for place, owner in enumerate((merged, subject, other)):
        offer(
            [Offer(product=f"p{place}", version=1, rank=1)],
            subject_id=owner.pk,
            tenant="",
            decision_id=uuid7(NOW),
            known=of_subject(owner.pk),
            expire_days=30,
            now=NOW + place * DAY,
        )
    assert [row.product for row in of_subject(subject.pk)] == ["p1", "p0"]


def test_as_history__rows__are_values(opened: OpenSuggestions) -> None:
    opened("deposit")
    Suggestion.objects.update(state=State.LATER, answered_at=NOW, until=NOW + DAY)
    assert as_history(Suggestion.objects.all()) == (
        PastSuggestion(product="deposit", state="later", opened_at=NOW, answered_at=NOW, until=NOW + DAY),
    )
