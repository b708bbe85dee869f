"""The card of the campaign: fitted from the file, never on the length of the call, judged in time order."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from crm_assist import customers, features
from project.campaigns import card
from project.campaigns.models import Prospect
from tests.project.conftest import NOW, campaign_line


@pytest.fixture
def loaded(db: None, campaign_file: Callable[..., Path]) -> None:
    """600 calls in which those called by mobile subscribe far more often."""
    lines = [
        campaign_line(index, y="yes" if (index % 3 and index % 2) or index % 11 == 0 else "no", duration="9")
        for index in range(600)
    ]
    call_command("load_bank_marketing", str(campaign_file(lines=lines)), no_card=True, stdout=StringIO())


def test_features__length_of_the_call__is_none_of_them() -> None:
    names = set(features.declared(customers.adapter_for("campaigns.Prospect")))
    assert len(names) == 19
    assert not {name for name in names if "duration" in name or "subscribed" in name}


def test_history__calls__stand_in_time_order(loaded: None) -> None:
    past = card.history()
    assert list(past.at) == sorted(past.at)
    assert len(past.subscribed) == 600
    assert past.test_from == 450
    assert set(past.columns) == set(features.declared(customers.adapter_for("campaigns.Prospect")))


def test_accuracy__a_real_signal__is_found_in_later_calls(loaded: None) -> None:
    seen: list[int] = []
    found = card.accuracy(card.history(), step=100, on_progress=seen.append)
    assert found.auc > 0.7
    assert found.calls == 150
    assert seen == [1, 2]


def test_publish__card__is_in_force_and_scores_are_stored(loaded: None) -> None:
    assert card.publish(card.history(), by="test", now=NOW) == 1
    assert card.store_scores(now=NOW) == Prospect.objects.count() == 600
