"""What contradicts itself counts for nothing, is shown, and is settled by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_assist import flow
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.standing import in_force
from crm_assist.types import Principal
from tests.story import NOW

pytestmark = pytest.mark.django_db
TELLER = Principal(key="orders", permissions=frozenset({"record_outcome"}))
READER = Principal(key="ann", permissions=frozenset({"view_log"}))


def tell(external_id: str, *, kind: str = "ordered", version: int | None = 1, source: str = "orders") -> Outcome:
    return flow.record_outcome(
        model="desk.Client",
        key="1",
        product="card",
        kind=kind,
        occurred_at=NOW - timedelta(days=1),
        source=source,
        external_id=external_id,
        version=version,
        now=NOW,
    )


def test_sources__each__with_what_was_told_stands_and_contradicts() -> None:
    tell("o-1")
    tell("o-1", version=2, kind="cancelled")
    tell("o-2")
    tell("o-2", kind="declined")
    tell("o-1", source="web")
    flow.tell_complete(TELLER, NOW, source="quiet", now=NOW)
    found = {one.source: one for one in flow.outcome_sources(READER)}
    assert list(found) == ["orders", "quiet", "web"]
    assert (found["orders"].told, found["orders"].in_force, found["orders"].contradicted) == (4, 1, 2)
    assert (found["quiet"].told, found["quiet"].complete_until, found["quiet"].said_by) == (0, NOW, "orders")
    assert (found["web"].told, found["web"].in_force, found["web"].complete_until) == (1, 1, None)


def test_contradictions__of_each_outcome__stand_together_until_one_is_settled() -> None:
    rows = [tell("o-2", kind=kind) for kind in ("ordered", "declined")]
    [found] = flow.contradictions(READER)
    assert {row.pk for row in found.tellings} == {row.pk for row in rows}
    settled = flow.settle_contradiction(TELLER, rows[1].pk, now=NOW)
    assert (settled.kind, settled.corrects) == ("declined", rows[1].pk)
    assert flow.contradictions(READER) == ()
    assert list(in_force()) == [settled]
    assert Outcome.objects.count() == 3
    with pytest.raises(flow.BadAnswer, match="may have been settled meanwhile"):
        flow.settle_contradiction(TELLER, rows[0].pk, now=NOW)


def test_settle__without_the_right_or_of_another_tenant__is_refused() -> None:
    rows = [tell("o-2", kind=kind) for kind in ("ordered", "declined")]
    with pytest.raises(flow.NotAllowed):
        flow.settle_contradiction(READER, rows[0].pk, now=NOW)
    stranger = Principal(key="x", tenant="acme", permissions=TELLER.permissions)
    with pytest.raises(flow.BadAnswer):
        flow.settle_contradiction(stranger, rows[0].pk, now=NOW)
    assert flow.contradictions(stranger) == ()
    with pytest.raises(flow.NotAllowed):
        flow.outcome_sources(Principal(key="nobody"))
