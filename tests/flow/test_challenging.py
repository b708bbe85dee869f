"""A refit's card against the champion: judged on later rows, on customers that its stand-in never saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm_assist import flow
from crm_assist.flow.challenging import border_of, challenge, learned_until
from crm_assist.flow.comparison import Comparison
from crm_assist.flow.learned_rows import judged_blocks, past_rows
from crm_assist.flow.past import Past
from crm_assist.learning.models import Target
from crm_assist.scorecards.models import CardVersion
from tests.flow.challengers import LONG_AGO, a_past, flipped, knowing, served
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, fitted

pytestmark = pytest.mark.django_db
MOMENTS = [NOW - timedelta(days=30 * place) for place in range(6)]
MOST = 20_000


def found(target: Target, *, wrong: bool = False, in_force: str = "") -> Comparison:
    past = Past()
    rows = past_rows(target, past, moments=6, most=MOST, now=NOW)
    rows = flipped(rows) if wrong else rows
    comparison = challenge(target, rows, past, most=MOST, now=NOW, in_force=in_force)
    assert comparison is not None
    return comparison


def test_challenge__no_card_serves__there_is_nothing_to_compare() -> None:
    target = a_past(clients=60)
    rows = past_rows(target, Past(), moments=6, most=MOST, now=NOW)
    assert challenge(target, rows, Past(), most=MOST, now=NOW) is None


def test_challenge__champion_that_has_it_upside_down__is_beaten() -> None:
    target = a_past()
    served(target, knowing(upside_down=True))
    comparison = found(target)
    assert (comparison.code, comparison.verdict, comparison.promotes) == ("better", "pass", True)
    assert comparison.gain > comparison.error > 0
    assert (comparison.champion, comparison.blocks, comparison.rows) == (1, 8, 300)
    assert "better than version 1 on 300 rows" in comparison.words


def test_challenge__card_of_wrong_rows__is_worse_and_promotes_nothing_unless_a_person_says_so() -> None:
    target = a_past()
    served(target, knowing())
    comparison = found(target, wrong=True)
    assert (comparison.code, comparison.verdict, comparison.promotes) == ("worse", "fail", False)
    assert found(target, wrong=True, in_force="I know better").promotes


def test_challenge__card_held_the_wrong_way__its_stand_in_is_held_too() -> None:
    target, past = a_past(), Past()
    served(target, knowing())
    rows = past_rows(target, past, moments=6, most=MOST, now=NOW)
    comparison = challenge(target, rows, past, most=MOST, now=NOW, monotonic={"tenure": -1})
    assert comparison is not None
    assert comparison.code == "worse"


def test_challenge__champion_learned_a_moment_ago__is_too_soon_and_costs_no_second_fit() -> None:
    target = a_past()
    served(target, knowing(until=(NOW - timedelta(days=97)).isoformat()))
    comparison = found(target)
    assert (comparison.code, comparison.verdict, comparison.blocks) == ("too_soon", "hold", 0)


def test_challenge__too_few_customers__is_too_soon() -> None:
    target = a_past(clients=150)
    served(target, knowing())
    comparison = found(target)
    assert (comparison.code, comparison.rows) == ("too_soon", 0)


def test_challenge__champion_of_a_feature_without_a_past__holds_and_names_it() -> None:
    target = a_past()
    served(target, fitted("balance"))
    comparison = found(target)
    assert (comparison.code, comparison.verdict, comparison.fault) == ("no_past", "hold", "balance")


@pytest.mark.parametrize("fault", ["text", "feature", "horizon"])
def test_challenge__champion_that_could_not_serve_any_more__makes_way_and_is_told_why(fault: str) -> None:
    target = a_past()
    champion = served(target, knowing())
    if fault == "text":
        CardVersion.objects.filter(pk=champion.pk).update(text="{}")
    elif fault == "feature":
        part = replace(knowing().parts[0], name="shoe_size")
        card = replace(knowing(), parts=(part,), golden=(), purpose=knowing().purpose)
        CardVersion.objects.filter(pk=champion.pk).update(text=card.dumps())
    else:
        target.horizon_days = 30
        target.save()
    comparison = found(target)
    assert (comparison.code, comparison.promotes) == ("unfit", True)
    assert comparison.fault in comparison.words
    assert comparison.fault


def test_challenge__stand_in__learns_from_no_customer_and_no_time_that_is_judged() -> None:
    target = a_past()
    past = Past()
    rows = past_rows(target, past, moments=6, most=MOST, now=NOW)
    border = border_of(rows.at, LONG_AGO)
    assert border == NOW - timedelta(days=90 + 3 * 30)
    blocks = judged_blocks(target, past, after=border, until=max(rows.at), most=MOST, now=NOW)
    keys = [key for block in blocks for key in block.keys]
    assert len(keys) == len(set(keys)) == Client.objects.count() // 3
    assert [len(set(block.at)) for block in blocks] == [1] * 8
    assert min(block.at[0] for block in blocks) > border
    assert max(block.at[0] for block in blocks) == max(rows.at)


@pytest.mark.parametrize(("unseen", "held"), [(0, None), (1, None), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3)])
def test_border__of_moments_the_champion_had_not_seen__half_is_judged_and_half_is_new_to_learn(
    unseen: int, held: int | None
) -> None:
    until = MOMENTS[unseen - 1] - timedelta(days=1) if unseen else MOMENTS[0]
    assert border_of(MOMENTS, until) == (None if held is None else MOMENTS[held])


@pytest.mark.parametrize(
    ("until", "known"),
    [
        ("2026-03-01T10:00:00+00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        (None, LONG_AGO),
        ("19999", LONG_AGO),
        ("10001231", LONG_AGO),
        ("spring", LONG_AGO),
    ],
)
def test_learned_until__card_that_does_not_say__knew_nothing_after_its_publication(
    until: str | None, known: datetime
) -> None:
    row = CardVersion(version=1, published_at=LONG_AGO)
    assert learned_until(knowing(until=until), row) == known


def test_learn__beaten_champion__is_replaced_and_a_better_one_stays() -> None:
    target = a_past()
    served(target, knowing(upside_down=True))
    told = {"by": "ada", "reason": "weekly", "now": NOW}
    assert flow.learn("orders", **told).role == "champion"
    served(target, knowing())
    waiting = flow.learn("orders", **told)
    assert waiting.role == "challenger"
    assert flow.learn("orders", **told, in_force="asked for").role == "champion"
    assert list(CardVersion.objects.order_by("version").values_list("role", flat=True)) == [
        *["retired"] * 4,
        "champion",
    ]
    view = flow.card(BOSS, waiting.pk)
    assert view.comparison is not None
    assert (view.comparison.champion, view.comparison.promotes) == (3, False)
