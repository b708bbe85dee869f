"""Publishing cards: one champion per target, every change of role logged, an unfit card refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm_assist.scorecards import CardError, Scorecard
from crm_assist.scorecards.models import CardEvent, CardVersion, Role
from crm_assist.scorecards.parts import Purpose
from crm_assist.scorecards.versions import by_digest, champions, promote, publish
from tests.story import fitted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def release(card: Scorecard | None = None, **values: Any) -> CardVersion:
    given: dict[str, Any] = {
        "tenant": "",
        "adapter": "bank.Customer",
        "target": "orders",
        "declared": {"balance": "number", "age": "number"},
        "sensitive": {"gender"},
        "by": "ada",
        "reason": "better on last quarter",
        "now": NOW,
    }
    return publish(card=card or fitted(), **(given | values))


def renamed() -> Scorecard:
    return fitted().with_purpose(Purpose(target="orders", label="again"))


def roles() -> list[tuple[int, str]]:
    return list(CardVersion.objects.order_by("version").values_list("version", "role"))


def test_publish__first_card__serves_as_version_one() -> None:
    version = release()
    assert (version.version, version.role, version.digest) == (1, Role.CHAMPION, fitted().digest)
    assert (version.published_at, version.published_by) == (NOW, "ada")
    assert list(champions("")) == [version]


def test_publish__text__is_the_exact_card() -> None:
    kept = Scorecard.loads(release().text)
    assert kept == fitted()
    assert kept.one({"balance": 4321.0}) == fitted().one({"balance": 4321.0})


def test_publish__second_card__retires_the_first_and_keeps_its_text() -> None:
    first = release()
    second = release(renamed(), now=NOW + timedelta(days=1))
    assert roles() == [(1, "retired"), (2, "champion")]
    assert list(champions("")) == [second]
    assert CardVersion.objects.get(version=1).text == first.text


def test_publish__each_change_of_role__is_logged_with_who_and_why() -> None:
    release()
    release(renamed(), by="bob", reason="fresher", now=NOW + timedelta(days=1))
    events = CardEvent.objects.order_by("at", "version").values_list("version", "before", "after", "by", "reason")
    assert list(events) == [
        (1, "", "champion", "ada", "better on last quarter"),
        (1, "champion", "retired", "bob", "fresher"),
        (2, "", "champion", "bob", "fresher"),
    ]
    assert set(CardEvent.objects.values_list("card", flat=True)) == {fitted().digest, renamed().digest}


@pytest.mark.parametrize("other", [{"target": "wants_card"}, {"adapter": "bank.Company"}, {"tenant": "acme"}])
def test_publish__other_target_adapter_or_tenant__is_counted_apart(other: dict[str, str]) -> None:
    release()
    assert release(**other).version == 1
    assert roles() == [(1, "champion"), (1, "champion")]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sensitive": {"balance"}}, "is sensitive and must not be"),
        ({"declared": {"age": "number"}}, "is not declared by the adapter"),
        ({"declared": {"balance": "category"}}, "is declared as 'category'"),
    ],
)
def test_publish__unfit_card__is_refused_and_the_champion_stays(values: dict[str, Any], said: str) -> None:
    release()
    with pytest.raises(CardError, match=said):
        release(renamed(), **values)
    assert roles() == [(1, "champion")]
    assert CardEvent.objects.count() == 1


def test_publish__card_that_contradicts_its_own_golden_rows__is_refused() -> None:
    card = fitted()
    bent = replace(card, intercept=card.intercept + 1.0)
    with pytest.raises(CardError, match="golden"):
        release(bent)
    assert not CardVersion.objects.exists()


def test_publish__failure_in_the_middle__leaves_everything_as_it_was() -> None:
    release()
    with transaction.atomic():
        release(renamed())
        transaction.set_rollback(True)
    assert roles() == [(1, "champion")]
    assert CardEvent.objects.count() == 1


def test_database__second_champion__is_refused() -> None:
    first = release()
    values = {"adapter": first.adapter, "target": first.target, "text": "", "digest": "", "published_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        CardVersion.objects.create(version=2, role=Role.CHAMPION, **values)


def test_champions__tenant__has_those_of_all_and_then_its_own() -> None:
    own, of_all = release(tenant="acme"), release()
    release(tenant="zeta")
    assert list(champions("acme")) == [of_all, own]


def test_by_digest__retired_ones_too__and_unknown_absent() -> None:
    first = release()
    release(renamed())
    found = by_digest([fitted().digest, renamed().digest, "0" * 64])
    assert found[fitted().digest] == first.text
    assert set(found) == {fitted().digest, renamed().digest}


def test_publish__challenger__waits_and_the_champion_serves_on() -> None:
    first = release()
    release(renamed(), role=Role.CHALLENGER)
    assert roles() == [(1, "champion"), (2, "challenger")]
    assert list(champions("")) == [first]
    assert list(CardEvent.objects.filter(version=2).values_list("before", "after")) == [("", "challenger")]


@pytest.mark.parametrize(
    ("role", "expected"), [(Role.CHALLENGER, ["champion", "retired"]), (Role.CHAMPION, ["retired", "retired"])]
)
def test_publish__whatever_comes_next__the_older_challenger_is_retired(role: Role, expected: list[str]) -> None:
    release()
    release(role=Role.CHALLENGER)
    release(role=role)
    assert [role for _version, role in roles()] == [*expected, role.value]
    assert CardEvent.objects.filter(version=2, before="challenger", after="retired").count() == 1


def test_promote__challenger__serves_and_each_change_is_logged() -> None:
    release()
    waiting = release(renamed(), role=Role.CHALLENGER)
    promote(waiting, by="bob", reason="knows the branch", now=NOW)
    assert roles() == [(1, "retired"), (2, "champion")]
    events = CardEvent.objects.filter(by="bob").order_by("version").values_list("version", "before", "after", "card")
    assert list(events) == [
        (1, "champion", "retired", fitted().digest),
        (2, "challenger", "champion", renamed().digest),
    ]


def test_promote__version_that_waits_no_more__is_refused_and_changes_nothing() -> None:
    release()
    waiting = release(role=Role.CHALLENGER)
    release(role=Role.CHALLENGER)
    with pytest.raises(CardError, match="version 2 is no challenger any more"):
        promote(waiting, by="bob", reason="late", now=NOW)
    assert roles() == [(1, "champion"), (2, "retired"), (3, "challenger")]
