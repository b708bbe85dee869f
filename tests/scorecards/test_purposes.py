"""A card serves the purpose it was fitted for, and no other."""

from __future__ import annotations

import pytest

from crm_assist.scorecards import CardError, Purpose
from crm_assist.scorecards.purposes import check_purpose
from tests.scorecards.examples import small_card

MINE = Purpose(target="deposit", label="Deposit", horizon_days=90, adapter="bank.Customer", use="marketing")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Purpose(use="credit"), "use 'credit', not for 'marketing'"),
        (Purpose(target="loan"), "target 'loan', not for 'deposit'"),
        (Purpose(adapter="bank.Firm"), "kind of customer 'bank.Firm'"),
        (Purpose(horizon_days=30), "horizon 30, not for 90"),
    ],
)
def test_purpose__fitted_for_another__is_refused_by_name(other: Purpose, said: str) -> None:
    with pytest.raises(CardError, match="fit a card for this one") as caught:
        check_purpose(other, MINE)
    assert said in str(caught.value)
    with pytest.raises(CardError):
        small_card().with_purpose(other).with_purpose(MINE)


def test_purpose__not_said_or_the_same__is_taken_and_its_label_may_be_worded_anew() -> None:
    card = small_card().with_purpose(MINE)
    again = card.with_purpose(Purpose(target="deposit", label="Dépôt", horizon_days=90, adapter="bank.Customer"))
    assert (card.purpose.use, again.purpose.label) == ("marketing", "Dépôt")
    assert again.one({"balance": 5, "job": None}) == small_card().one({"balance": 5, "job": None})
