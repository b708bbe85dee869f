"""Decisions that could not be logged: kept for their tenant until the log tells of them, and bounded."""

from __future__ import annotations

from datetime import timedelta

from crm_assist.flow import gaps
from tests.story import NOW


def test_told__one_tenant__leaves_the_others() -> None:
    for tenant in ("bakers", "smiths", "smiths"):
        gaps.note(tenant, NOW)
    assert (gaps.unlogged(), gaps.moments("smiths"), gaps.moments("potters")) == (3, [NOW, NOW], [])
    assert (gaps.told("smiths"), gaps.moments("smiths"), gaps.unlogged()) == (2, [], 1)
    assert (gaps.told("smiths"), gaps.told("bakers"), gaps.unlogged()) == (0, 1, 0)


def test_note__of_very_many__keeps_the_first_thousand_and_the_latest() -> None:
    for number in range(gaps.MOST + 10):
        gaps.note("", NOW + timedelta(seconds=number))
    kept = gaps.moments("")
    assert (len(kept), kept[0], kept[-1]) == (gaps.MOST + 1, NOW, NOW + timedelta(seconds=gaps.MOST + 9))
    gaps.told("")
