"""Cards from elsewhere held against the customers of today: another unit is found before it serves."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from crm_assist import flow
from crm_assist.flow.errors import BadMove
from crm_assist.flow.likeness import LEAST, unlike
from crm_assist.learning import fit_scorecard
from crm_assist.learning.models import Target
from crm_assist.scorecards import Scorecard
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, publish

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def by_age(unit: float) -> Scorecard:
    """A card on the age of 20 to 80 years, each year counted as `unit`."""
    chance = Random(2)
    ages = [chance.uniform(20, 80) * unit for _ in range(1500)]
    return fit_scorecard({"age": ages}, [int(chance.random() < 0.1 + 0.4 * (age > 50 * unit)) for age in ages])


@pytest.fixture
def orders(agent: Principal) -> Target:
    publish(LABEL)
    owner, chance = int(agent.key), Random(3)
    Client.objects.bulk_create(
        Client(name=str(n), owner_id=owner, birth_date=(NOW - timedelta(days=365 * chance.uniform(20, 80))).date())
        for n in range(120)
    )
    return Target.objects.get(name="orders")


def test_unlike__a_card_in_days__is_that_of_todays_customers(orders: Target) -> None:
    assert unlike(by_age(365.0), orders, now=NOW) == ()


def test_unlike__a_card_in_years__is_found_and_the_unit_is_named(orders: Target) -> None:
    (finding,) = unlike(by_age(1.0), orders, now=NOW)
    assert (finding.key, finding.severity) == ("unlike:age", "blocks")
    assert "100\N{NO-BREAK SPACE}% of 120 customers of today" in finding.message
    assert "count in days" in finding.message


def test_unlike__few_customers__say_nothing(orders: Target) -> None:
    Client.objects.filter(pk__in=Client.objects.order_by("pk")[LEAST - 1 :].values("pk")).delete()
    assert unlike(by_age(1.0), orders, now=NOW) == ()


def test_publish_text__in_another_unit__is_refused_until_somebody_says_why(orders: Target) -> None:
    text, told = by_age(1.0).dumps(), {"target": "orders", "reason": "From the warehouse", "now": NOW}
    with pytest.raises(BadMove, match="unlike:age"):
        flow.publish_text(BOSS, text=text, **told)
    assert CardVersion.objects.filter(target="orders").count() == 1
    version = flow.publish_text(BOSS, text=text, accepted={"unlike:age": "A test of the unit"}, **told)
    assert [found.accepted for found in flow.card(BOSS, version.pk).findings] == ["A test of the unit"]
