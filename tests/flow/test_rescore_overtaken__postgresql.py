"""What may not be exchanged, and owners of a batch who were overtaken: nothing of theirs stays."""

from __future__ import annotations

import pytest

from crm_assist import customers, flow
from crm_assist.flow import rescore_swap
from crm_assist.flow.rescore_batch import WayRefused
from crm_assist.runs.holding import TakenOver
from tests.flow.exchanging import LABEL, TABLE, by_card, sql, swapping
from tests.hosts.desk.models import Client
from tests.scores import stored
from tests.story import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def test_swap__unique_index_of_the_host__stays_unique(exchanged: list[Client]) -> None:
    sql(f'CREATE UNIQUE INDEX host_made ON "{TABLE}" ("key", scope_id) INCLUDE (card)')
    list(swapping())
    [(found,)] = sql("SELECT indexdef FROM pg_indexes WHERE indexname = 'host_made'")
    sql("DROP INDEX host_made")
    assert found.startswith("CREATE UNIQUE INDEX")
    assert found.endswith("INCLUDE (card)")


def overtaken() -> None:
    raise TakenOver("another process works on this")


def test_swap__overtaken_before_it_began__leaves_the_next_owners_table_alone(exchanged: list[Client]) -> None:
    adapter = customers.adapter_for(LABEL)
    steps = swapping()
    cursor = next(steps).cursor
    steps.close()  # type: ignore[attr-defined]
    with pytest.raises(TakenOver):
        list(flow.rescore(adapter, now=NOW, way="swap", confirm=overtaken))
    rest = list(flow.rescore(adapter, now=NOW, way="swap", after=cursor))
    assert [step.done for step in rest] == [10, 10]
    assert stored() == pytest.approx(by_card(exchanged), abs=1e-9)


def test_swap__overtaken_at_the_end__neither_copies_nor_exchanges(
    exchanged: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 2  # the table, then the chunk beside the first

    def confirm() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            overtaken()

    monkeypatch.setattr(rescore_swap, "SWAP_CHUNK", 5)
    with pytest.raises(TakenOver):
        list(flow.rescore(customers.adapter_for(LABEL), now=NOW, way="swap", confirm=confirm))
    assert stored() == {}
    assert left == -1


def test_in_place__overtaken__takes_back_the_chunk_beside_as_well(
    exchanged: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_assist.flow.rescore_ways.SQL_CHUNK", 3)
    with pytest.raises(TakenOver):
        list(flow.rescore(customers.adapter_for(LABEL), now=NOW, way="in_place", confirm=overtaken))
    assert stored() == {}


REFUSED = {
    "is read by a view": ('CREATE VIEW watching AS SELECT key FROM "{t}"', "DROP VIEW watching"),
    "has row-level security": (
        'ALTER TABLE "{t}" ENABLE ROW LEVEL SECURITY',
        'ALTER TABLE "{t}" DISABLE ROW LEVEL SECURITY',
    ),
    "has triggers": (
        'CREATE TRIGGER host_made BEFORE UPDATE ON "{t}" FOR EACH ROW '
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        'DROP TRIGGER host_made ON "{t}"',
    ),
    "is published to a replica": ('CREATE PUBLICATION watching FOR TABLE "{t}"', "DROP PUBLICATION watching"),
    "has constraints of yours": (
        'ALTER TABLE "{t}" ADD CONSTRAINT host_made UNIQUE (scope_id, "key", card)',
        'ALTER TABLE "{t}" DROP CONSTRAINT host_made',
    ),
    "lies in a tablespace of its own, or is not logged": (
        'ALTER TABLE "{t}" SET UNLOGGED',
        'ALTER TABLE "{t}" SET LOGGED',
    ),
    "has a comment": ("COMMENT ON TABLE \"{t}\" IS 'ours'", 'COMMENT ON TABLE "{t}" IS NULL'),
    "has foreign keys": (
        f'ALTER TABLE "{TABLE}" ADD CONSTRAINT host_made FOREIGN KEY (scope_id) REFERENCES crm_assist_scorescope',
        f'ALTER TABLE "{TABLE}" DROP CONSTRAINT host_made',
    ),
}


@pytest.mark.parametrize("words", REFUSED)
@pytest.mark.filterwarnings("ignore")
def test_swap__table_with_what_an_exchange_would_lose__is_refused_and_auto_goes_in_place(
    exchanged: list[Client], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_assist.flow.rescore_batch.FEW", 1)
    make, undo = (text.replace("{t}", TABLE) for text in REFUSED[words])
    sql(make)
    try:
        with pytest.raises(WayRefused, match=f"{TABLE} {words}"):
            list(swapping())
        steps = list(flow.rescore(customers.adapter_for(LABEL), now=NOW))
        assert [step.note for step in steps] == [""]
    finally:
        sql(undo)
    assert [step.note for step in flow.rescore(customers.adapter_for(LABEL), now=NOW)] == ["", "", "exchanged"]
