"""What a card says of its own making."""

from __future__ import annotations

from datetime import date, timedelta

from crm_assist.learning import fit_scorecard
from crm_assist.scorecards import Scorecard
from tests.learning.examples import customers

X, Y = customers()


def test_evidence__without_time__judges_on_every_row_once() -> None:
    trained = fit_scorecard(X, Y, seed=1).trained
    assert (trained.judged, trained.judged_positives, trained.in_time) == (len(Y), sum(Y), False)
    assert trained.compared == 1000
    assert trained.agreement is not None
    assert trained.agreement <= 1e-9
    assert trained.since is None


def test_evidence__with_time__states_the_window_and_later_rows() -> None:
    days = [date(2025, 1, 1) + timedelta(days=i // 10) for i in range(len(Y))]
    card = fit_scorecard(X, Y, time=days)
    assert (card.trained.since, card.trained.until) == ("2025-01-01", days[-1].isoformat())
    assert card.trained.in_time
    assert 0 < card.trained.judged_positives < card.trained.judged < len(Y)
    assert Scorecard.loads(card.dumps()) == card
