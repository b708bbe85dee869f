"""Contact policies: what is counted, for whom, and how long something rests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.eligibility.contact import (
    LIMITS,
    Contact,
    ContactKind,
    ContactPolicy,
    Rest,
    Scope,
    check,
    resting,
    worded,
)

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
THRICE = ContactPolicy(
    code="thrice", tracked=ContactKind.DISPLAYED, scope=Scope.PRODUCT, window_days=7, threshold=3, pause_days=10
)


def shown(days_ago: float, **given: object) -> Contact:
    values = {"kind": ContactKind.DISPLAYED, "product": "loan", "group": "credit"} | given
    return Contact(at=NOW - timedelta(days=days_ago), **values)  # type: ignore[arg-type]


def rests(
    *contacts: Contact, policy: ContactPolicy = THRICE, product: str = "loan", group: str = "credit"
) -> list[Rest]:
    return list(resting(product=product, group=group, contacts=contacts, policies=[policy], now=NOW))


def test_resting__three_times_in_a_week__rests_for_ten_days_from_the_third() -> None:
    (rest,) = rests(shown(9), shown(8), shown(7))
    assert (rest.count, rest.until) == (3, NOW + timedelta(days=3))


def test_resting__when_the_pause_is_over__does_not_rest() -> None:
    assert rests(shown(12), shown(11), shown(10)) == []


def test_resting__spread_over_more_than_the_window__does_not_rest() -> None:
    assert rests(shown(8), shown(4), shown(1)) == []
    assert rests(shown(7), shown(3), shown(0)) == []
    assert len(rests(shown(6.99), shown(3), shown(0))) == 1


def test_resting__an_agent_who_skips__does_not_count_as_the_customers_no() -> None:
    declined = replace(THRICE, tracked=ContactKind.DECLINED, threshold=1)
    assert rests(shown(1, kind=ContactKind.SKIPPED), policy=declined) == []
    assert len(rests(shown(1, kind=ContactKind.DECLINED), policy=declined)) == 1


@pytest.mark.parametrize(
    ("scope", "closed"),
    [
        (Scope.PRODUCT, {"loan"}),
        (Scope.GROUP, {"loan", "card"}),
        (Scope.CUSTOMER, {"loan", "card", "fund"}),
        (Scope.HOUSEHOLD, {"loan", "card", "fund"}),
    ],
)
def test_resting__each_scope__closes_what_it_covers(scope: Scope, closed: set[str]) -> None:
    groups = {"loan": "credit", "card": "credit", "fund": "savings"}
    policy = replace(THRICE, scope=scope, threshold=1)
    found = {
        product for product, group in groups.items() if rests(shown(1), policy=policy, product=product, group=group)
    }
    assert found == closed


def test_resting__products_without_a_group__share_no_counter() -> None:
    policy = replace(THRICE, scope=Scope.GROUP, threshold=1)
    assert rests(shown(1, group=""), policy=policy, product="other", group="") == []


def test_resting__a_relative_was_contacted__counts_for_the_household_alone() -> None:
    relative = shown(1, own=False)
    assert rests(relative, policy=replace(THRICE, threshold=1, scope=Scope.CUSTOMER)) == []
    assert len(rests(relative, policy=replace(THRICE, threshold=1, scope=Scope.HOUSEHOLD))) == 1


def test_resting__another_channel__counts_only_where_the_policy_names_none() -> None:
    by_mail = shown(1, channel="mail")
    assert rests(by_mail, policy=replace(THRICE, threshold=1, channel="branch")) == []
    assert len(rests(by_mail, policy=replace(THRICE, threshold=1, channel="mail"))) == 1
    assert len(rests(by_mail, policy=replace(THRICE, threshold=1))) == 1


def test_resting__a_contact_from_the_future__does_not_count() -> None:
    assert rests(shown(-1), policy=replace(THRICE, threshold=1)) == []


contacts = st.lists(
    st.builds(
        shown,
        st.integers(-2, 40),
        kind=st.sampled_from([ContactKind.DISPLAYED, ContactKind.SKIPPED]),
        product=st.sampled_from(["loan", "card"]),
        channel=st.sampled_from(["", "mail"]),
        own=st.booleans(),
    ),
    max_size=12,
)
policies = st.builds(
    ContactPolicy,
    code=st.just("any"),
    tracked=st.sampled_from([ContactKind.DISPLAYED, ContactKind.SKIPPED]),
    scope=st.sampled_from(list(Scope)),
    channel=st.sampled_from(["", "mail"]),
    window_days=st.integers(1, 20),
    threshold=st.integers(1, 4),
    pause_days=st.integers(1, 20),
)


def closed_day_by_day(history: list[Contact], policy: ContactPolicy) -> bool:
    """The same by the words of the definition: was there a contact, less than a pause ago, that filled its window?"""
    counted = [
        contact
        for contact in history
        if contact.kind is policy.tracked
        and contact.at <= NOW
        and (not policy.channel or contact.channel == policy.channel)
        and (contact.own or policy.scope is Scope.HOUSEHOLD)
        and (policy.scope is not Scope.PRODUCT or contact.product == "loan")
    ]
    for contact in counted:
        filled = [
            other for other in counted if contact.at - timedelta(days=policy.window_days) < other.at <= contact.at
        ]
        if len(filled) >= policy.threshold and contact.at + timedelta(days=policy.pause_days) > NOW:
            return True
    return False


@given(contacts, policies)
def test_resting__any_history__is_as_the_definition_says(history: list[Contact], policy: ContactPolicy) -> None:
    assert bool(rests(*history, policy=policy)) is closed_day_by_day(history, policy)


@given(contacts, policies, st.integers(0, 30))
def test_resting__one_contact_more__never_opens(history: list[Contact], policy: ContactPolicy, days: int) -> None:
    more = [*history, shown(days)]
    assert len(rests(*more, policy=policy)) >= len(rests(*history, policy=policy))


@pytest.mark.parametrize("name", sorted(LIMITS))
@pytest.mark.parametrize("beyond", [-1, +1])
def test_check__a_number_out_of_range__names_field_value_and_range(name: str, beyond: int) -> None:
    low, high = LIMITS[name]
    value = low - 1 if beyond < 0 else high + 1
    with pytest.raises(ValidationError) as refused:
        check(replace(THRICE, **{name: value}))
    ((field, (message,)),) = refused.value.message_dict.items()
    assert field == name
    assert str(value) in message


def test_check__a_sound_policy__passes() -> None:
    check(THRICE)


@pytest.mark.parametrize(
    ("kind", "english", "french"),
    [
        (ContactKind.DISPLAYED, "Shown 3 times within 7 days.", "Affiché 3 fois en 7 jours."),
        (ContactKind.SKIPPED, "Skipped 3 times within 7 days.", "Passé 3 fois en 7 jours."),
        (
            ContactKind.DECLINED,
            "The customer declined 3 times within 7 days.",
            "Refusé 3 fois par le client en 7 jours.",
        ),
        (
            ContactKind.OBJECTED,
            "The customer objected 3 times within 7 days.",
            "Le client s’y est opposé 3 fois en 7 jours.",
        ),
        (ContactKind.ACCEPTED, "Taken up 3 times within 7 days.", "Retenu 3 fois en 7 jours."),
    ],
)
def test_worded__each_kind__reads_plainly_in_both_languages(kind: ContactKind, english: str, french: str) -> None:
    rest = Rest(policy=replace(THRICE, tracked=kind), count=3, until=NOW)
    with override("en"):
        assert worded(rest) == english
    with override("fr"):
        assert worded(rest) == french
