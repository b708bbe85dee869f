"""Until when outcomes are told: by the slowest source, by none, or by nobody's word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_assist import flow
from crm_assist.decisions.models import OutcomeSource
from crm_assist.flow.completeness import Completeness, completeness
from crm_assist.flow.errors import NotAllowed
from crm_assist.learning.models import Target
from crm_assist.types import Principal
from tests.story import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TELLER = Principal(key="orders", permissions=frozenset({"record_outcome"}))


def target(*sources: str) -> Target:
    return Target(name="orders", adapter="desk.Client", horizon_days=90, sources=list(sources))


def test_completeness__nobody_says_anything__is_now_and_is_not_said() -> None:
    assert completeness(target(), now=NOW) == Completeness(until=NOW, is_said=False)


def test_completeness__several_sources__is_that_of_the_slowest() -> None:
    for source, days in (("orders", 3), ("web", 9)):
        flow.outcomes_complete_until(NOW - days * DAY, source=source, now=NOW)
    assert completeness(target(), now=NOW) == Completeness(until=NOW - 9 * DAY, is_said=True)
    assert completeness(target("orders"), now=NOW).until == NOW - 3 * DAY


def test_completeness__a_named_source_that_never_said__is_not_known() -> None:
    flow.outcomes_complete_until(NOW - DAY, source="orders", now=NOW)
    assert completeness(target("orders", "web"), now=NOW) == Completeness(until=None, is_said=True)


def test_complete__said_again_and_taken_back__the_last_word_counts() -> None:
    for days in (5, 1, 7):
        flow.tell_complete(TELLER, NOW - days * DAY, source="orders", now=NOW)
    row = OutcomeSource.objects.get()
    assert (row.complete_until, row.changed_by) == (NOW - 7 * DAY, "orders")


def test_complete__in_the_future_or_without_a_zone__is_refused_by_name() -> None:
    for moment in (NOW + DAY, NOW.replace(tzinfo=None)):
        with pytest.raises(flow.BadAnswer) as caught:
            flow.outcomes_complete_until(moment, source="orders", now=NOW)
        assert caught.value.field == "complete_until"
    with pytest.raises(NotAllowed):
        flow.tell_complete(Principal(key="ann"), NOW, source="orders", now=NOW)
