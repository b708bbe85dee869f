"""What a list shows: the scores of its visible page, and nothing of those for whom the machine keeps silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_assist import flow
from crm_assist.customers.registration import registered
from crm_assist.types import Principal, Situation
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


@pytest.fixture
def base(agent: Principal) -> list[Client]:
    open_bank(LABEL, "score")
    rows = [Client(name=f"C{n}", owner_id=int(agent.key), balance=n * 900) for n in range(10)]
    return list(Client.objects.bulk_create(rows))


def keys_of(clients: Iterable[Client]) -> list[str]:
    return [str(client.pk) for client in clients]


@pytest.mark.parametrize("silent", [{"bereaved": True}, {"closed": True}, {"bereaved": True, "consent": "refused"}])
def test_list_scores__silent_customer__is_left_out_as_on_the_record(
    agent: Principal, base: list[Client], silent: dict[str, object]
) -> None:
    Client.objects.filter(pk__in=[base[3].pk, base[7].pk]).update(**silent)
    shown = [client for client in base if client not in (base[3], base[7])]
    assert set(flow.list_scores(agent, LABEL, keys_of(base), now=NOW)) == set(keys_of(shown))
    view = flow.record(agent, LABEL, str(base[3].pk), now=NOW)
    assert view.score is None
    assert view.silence is not None
    assert view.silence.code in ("zone_traditional", "not_live")


class AskedAsASet(DeskClient):
    """Its situations are asked in one statement for the whole page."""

    def situations_of(self, objs: Iterable[Client]) -> Mapping[str, tuple[Situation, ...]]:
        found = Client.objects.filter(pk__in=[obj.pk for obj in objs]).values_list("pk", "bereaved")
        return {str(pk): (Situation(code="bereavement", label="Bereavement"),) * bereaved for pk, bereaved in found}


def test_list_scores__more_customers_on_the_page__need_no_more_statements(agent: Principal, base: list[Client]) -> None:
    Client.objects.filter(pk=base[0].pk).update(bereaved=True)
    counts = []
    with registered(Client, AskedAsASet):
        flow.list_scores(agent, LABEL, keys_of(base), now=NOW)  # the process has read what is published
        for page in (base[:2], base):
            with CaptureQueriesContext(connection) as captured:
                found = flow.list_scores(agent, LABEL, keys_of(page), now=NOW)
            assert str(base[0].pk) not in found
            counts.append(len(captured))
    assert counts == [3, 3]  # the phase, the page with its features, the situations


class Unanswering(DeskClient):
    """Whether a customer is active cannot be read."""

    def is_live(self, obj: Client) -> bool:
        raise ConnectionError("the core system is away")


def test_list_scores__whether_active_is_unknown__shows_none(agent: Principal, base: list[Client]) -> None:
    with registered(Client, Unanswering):
        assert flow.list_scores(agent, LABEL, keys_of(base), now=NOW) == {}
