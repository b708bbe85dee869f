"""A challenger takes the champion's place only when it was better in time by more than chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.learning.evaluation import log_loss
from crm_assist.learning.promotion import judge_challenger, mean_loss

LOSSES = [0.40, 0.42, 0.39, 0.45, 0.41]
LISTS = st.lists(st.floats(0.0, 5.0, allow_nan=False), min_size=5, max_size=20)


def moved(by: float, noise: tuple[float, ...] = (0.001, -0.001, 0.002, 0.0, -0.002)) -> list[float]:
    return [loss + by + extra for loss, extra in zip(LOSSES, noise, strict=True)]


@pytest.mark.parametrize(("by", "verdict"), [(-0.02, "pass"), (0.02, "fail"), (0.0, "hold"), (-0.0005, "hold")])
def test_judge__by_how_much_it_was_better__decides(by: float, verdict: str) -> None:
    judged = judge_challenger(LOSSES, moved(by))
    assert judged.verdict == verdict
    assert judged.promoted is (verdict == "pass")
    assert judged.gain == pytest.approx(-by)
    assert judged.blocks == 5


def test_judge__one_lucky_block__is_not_enough() -> None:
    assert judge_challenger(LOSSES, [0.20, 0.44, 0.41, 0.46, 0.43]).verdict == "hold"


def test_judge__four_blocks__hold_however_good() -> None:
    assert judge_challenger(LOSSES[:4], [0.1] * 4).verdict == "hold"
    assert judge_challenger([], []).verdict == "hold"


def test_judge__the_same_losses__hold() -> None:
    assert judge_challenger(LOSSES, LOSSES).verdict == "hold"


@given(first=LISTS, data=st.data())
def test_judge__two_cards_in_turn__are_never_both_promoted(first: list[float], data: st.DataObject) -> None:
    second = data.draw(st.lists(st.floats(0.0, 5.0), min_size=len(first), max_size=len(first)))
    there, back = judge_challenger(first, second), judge_challenger(second, first)
    assert not (there.promoted and back.promoted)
    assert there.promoted is (back.verdict == "fail")


@pytest.mark.parametrize(
    ("champion", "challenger", "said"),
    [
        (LOSSES, LOSSES[:4], "the champion has 5 losses, the challenger 4"),
        ([float("nan"), *LOSSES[1:]], LOSSES, r"champion\[0\] is nan"),
        (LOSSES, [*LOSSES[:4], float("inf")], r"challenger\[4\] is inf"),
    ],
)
def test_judge__what_cannot_be_compared__is_refused(champion: list[float], challenger: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        judge_challenger(champion, challenger)


def test_mean_loss__is_that_of_the_evaluation_and_never_infinite() -> None:
    y, probability = [1, 0, 1, 0], [0.9, 0.2, 1.0, 1.0]
    assert mean_loss(y, probability) == pytest.approx(log_loss(y, probability), abs=1e-12)
    with pytest.raises(ValueError, match="at least one row"):
        mean_loss([], [])
    with pytest.raises(ValueError, match="shorter"):
        mean_loss([1, 0], [0.5])
