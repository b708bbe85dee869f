"""What is summed up from related rows: each alone, none multiplied, nothing after the moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import Q

from crm_assist import features as f
from tests.hosts.desk.models import Client, Contact, Order, OrderLine, Tag
from tests.hosts.shapes.models import Dossier, Entity, Person, Remark, Step

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALLS = [(1, "phone", 2, "1.10"), (5, "mail", 4, "2.20"), (30, "phone", 9, "0.05")]


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def values(model: Any = Client, at: datetime = NOW, **sources: Any) -> dict[str, Any]:
    """The values of some sources on the only row of a model, all in one query."""
    made = {"x_" + name: f.Number(name, source, label="") for name, source in sources.items()}
    rows = model.objects.annotate(**{name: one.expression(model, at) for name, one in made.items()})
    return {name: getattr(rows.get(), "x_" + name) for name in sources}


def value(source: Any, model: Any = Client, at: datetime = NOW) -> Any:
    return values(model, at, x=source)["x"]


@pytest.fixture
def client_() -> Client:
    client = Client.objects.create(name="Rose")
    for days, channel, minutes, cost in CALLS:
        Contact.objects.create(client=client, at=ago(days), channel=channel, minutes=minutes, cost=Decimal(cost))
    return client


def test_sums_of_two_relations__beside_each_other__do_not_multiply(client_: Client) -> None:
    for number in range(4):
        order = Order.objects.create(client=client_, product="card", at=ago(number))
        OrderLine.objects.create(order=order, amount=number)
    found = values(
        calls=f.count("contacts"),
        minutes=f.total("contacts", "minutes"),
        orders=f.count("orders"),
        amount=f.total("orders__lines", "amount"),
    )
    assert found == {"calls": 3, "minutes": 15, "orders": 4, "amount": 6}


def test_each_sum__over_the_same_rows__is_what_python_computes(client_: Client) -> None:
    found = values(
        phone=f.count("contacts", Q(channel="phone")),
        cost=f.total("contacts", "cost"),
        mean=f.average("contacts", "minutes"),
        most=f.largest("contacts", "minutes"),
        last=f.latest("contacts", "minutes"),
        last_mail=f.latest("contacts", "minutes", Q(channel="mail"), by="at"),
        quiet=f.days_since_last("contacts", "at"),
        quiet_mail=f.days_since_last("contacts", "at", Q(channel="mail")),
    )
    assert found == {
        "phone": 2, "cost": Decimal("3.35"), "mean": 5, "most": 9, "last": 2, "last_mail": 4, "quiet": 1,
        "quiet_mail": 5,
    }  # fmt: skip


def test_each_sum__over_no_rows__is_zero_or_missing() -> None:
    Client.objects.create(name="New")
    found = values(
        count=f.count("contacts"),
        total=f.total("contacts", "minutes"),
        cost=f.total("contacts", "cost"),
        mean=f.average("contacts", "minutes"),
        most=f.largest("contacts", "minutes"),
        last=f.latest("contacts", "minutes"),
        quiet=f.days_since_last("contacts", "at"),
    )
    nothing = dict.fromkeys(("mean", "most", "last", "quiet"))
    assert found == {"count": 0, "total": 0, "cost": 0, **nothing}


def test_any_of__flag__is_one_or_zero(client_: Client) -> None:
    def flag(*conditions: Q) -> Any:
        expression = f.Flag("x", f.any_of("contacts", *conditions), label="").expression(Client, NOW)
        return Client.objects.annotate(x=expression).get().x

    assert (flag(Q(channel="mail")), flag(Q(channel="fax")), flag()) == (1, 0, 1)


def test_total__of_durations__is_days_and_zero_for_none() -> None:
    Person.objects.create(name="a", created=NOW)
    assert value(f.count("remarks"), Person) == 0
    client = Client.objects.create(name="a", notice=timedelta(days=1, hours=12))
    tag = Tag.objects.create(name="t")
    assert value(f.total("clients", "notice"), Tag) == 0
    client.tags.add(tag)
    assert value(f.total("clients", "notice"), Tag) == 1.5


def test_count__many_to_many_both_ways__counts_the_links(client_: Client) -> None:
    for name in "ab":
        client_.tags.add(Tag.objects.create(name=name))
    assert value(f.count("tags")) == 2
    assert value(f.count("tags", Q(name="a"))) == 1
    Tag.objects.filter(name="b").delete()
    assert value(f.count("clients"), Tag) == 1


def test_count__relation_of_the_parent_table__works_from_the_child() -> None:
    person = Person.objects.create(name="a", created=NOW)
    Remark.objects.create(entity=person, at=ago(1))
    Remark.objects.create(entity=Entity.objects.create(created=NOW), at=ago(1))
    assert value(f.count("remarks"), Person) == 1


def test_count__foreign_key_to_another_column__meets_that_column() -> None:
    dossier = Dossier.objects.create()
    Step.objects.create(dossier=dossier, at=ago(1))
    assert value(f.count("steps"), Dossier) == 1


def test_between__adjacent_windows__neither_overlap_nor_leave_a_gap(client_: Client) -> None:
    edges = [ago(40), ago(30), ago(5), ago(1), NOW]
    windows = pairwise(edges)
    counts = [value(f.count("contacts", f.between("at", start, end))) for start, end in windows]
    assert counts == [0, 1, 1, 1]
    assert value(f.count("contacts", f.before("at", ago(1)))) == 2


def test_days_since_last__as_of_the_past__does_not_see_what_came_later(client_: Client) -> None:
    assert value(f.days_since_last("contacts", "at"), at=ago(2)) == 3
    assert value(f.days_since_last("contacts", "at"), at=ago(31)) is None


@pytest.mark.parametrize("relation", ["nothing", "name", "contacts__nothing", "contacts__channel"])
def test_count__path_that_is_no_relation__is_refused(relation: str) -> None:
    with pytest.raises(Exception, match=relation.split("__")[-1]):
        f.Number("x", f.count(relation), label="").expression(Client, NOW)
