"""What stands in the database is what the law says, whatever order the tellings arrived in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.standing import contradicted, in_force
from crm_assist.decisions.tellings import record_outcome, record_outcomes
from crm_assist.journal.writer import record_many
from crm_assist.labels import Telling, standing
from tests.decisions.conftest import DAY, NOW, row

TELLINGS = st.tuples(
    st.sampled_from(["o-1", "o-2"]),
    st.integers(min_value=0, max_value=3),
    st.sampled_from(["card", "loan"]),
    st.sampled_from(["ordered", "cancelled"]),
)


@given(st.lists(st.lists(TELLINGS, max_size=6), max_size=3), st.booleans())
@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_database__any_arrivals__stand_as_the_law_says(
    subject: Subject, batches: list[list[tuple[str, int, str, str]]], one_by_one: bool
) -> None:
    source, told = f"run-{Outcome.objects.count()}", []
    for batch in batches:
        rows = [row(subject, source=source, external_id=i, version=v, product=p, kind=k) for i, v, p, k in batch]
        told += [
            Telling(place=i, version=v, customer=1, product=p, kind=k, occurred_at=NOW - DAY) for i, v, p, k in batch
        ]
        if one_by_one:
            for one in rows:
                record_outcome(one)
        else:
            record_outcomes(rows)
    law = standing(told)
    stands = in_force().filter(source=source).values_list("version", "product", "kind")
    against = contradicted().filter(source=source).values_list("version", "product", "kind")
    assert sorted(stands) == sorted((one.version, one.product, one.kind) for one in law.in_force)
    assert sorted(against) == sorted((one.version, one.product, one.kind) for one in law.contradicted)


def test_in_force__the_same_written_twice_at_once__is_one(subject: Subject) -> None:
    rows = [row(subject, external_id="mark", version=1, now=NOW + number * timedelta(seconds=1)) for number in (0, 1)]
    record_many([(one, None) for one in rows])
    assert list(in_force()) == [rows[0]]
    assert not contradicted().exists()


def test_in_force__told_without_an_id__are_outcomes_of_their_own(subject: Subject) -> None:
    record_outcomes([row(subject), row(subject, product="card")])
    assert in_force().count() == 2


@pytest.mark.parametrize("other", [{"tenant": "acme"}, {"source": "web"}])
def test_in_force__same_id_of_another_source_or_tenant__is_another_outcome(
    subject: Subject, other: dict[str, str]
) -> None:
    first = row(subject, external_id="mark", version=1)
    record_many([(first, None), (row(subject, **({"external_id": "mark", "version": 2} | other)), None)])
    assert first in in_force()
