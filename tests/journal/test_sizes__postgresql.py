"""The size of a log that is parted by month: all its parts together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_assist.decisions.models import Decision
from crm_assist.journal.models import Payload
from crm_assist.journal.sizes import table_size
from tests.journal.parted import decided, partition

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("parted")]


@pytest.fixture(autouse=True)
def plain_again() -> Iterator[None]:
    """Whatever a test leaves behind, the next one finds plain tables."""
    yield
    partition("unpartition")


@pytest.mark.parametrize("model", [Decision, Payload])
def test_table_size__parted_by_month__is_of_all_its_parts(model: type[Decision] | type[Payload]) -> None:
    decided()
    plain = table_size(model)
    partition()
    parted = table_size(model)
    assert plain is not None
    assert parted is not None
    assert parted.rows == plain.rows == 12
    assert parted.table >= plain.table > 0
    assert parted.indexes >= plain.indexes > 0
