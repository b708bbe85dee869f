"""The past weeks of the pilot branch: simulated agents, who open customers and answer suggestions through the flow.

Nobody did this: it is there so that an analyst finds something to look at on the first day. In the last week agents
reject three products far more often, because their data is wrong: the results page tells why acceptance fell.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.apps import apps
from django.contrib.auth.models import User

from crm_assist import flow
from crm_assist.types import Principal
from project.crm.models import Customer

CUSTOMER = "crm.Customer"
TEAM = "PAR-REP"
DAYS = 42
LATELY = 14
VIEWS_A_DAY, VIEWS_LATELY = 8, 24
SPOILED_DAYS = 7
SPOILED = frozenset({"mortgage", "renovation_loan", "home_insurance"})
"""What goes by the housing that the bank has on file."""
USUAL = (
    ("accepted", "", 0.30),
    ("rejected", "customer_refused", 0.14),
    ("rejected", "bad_moment", 0.08),
    ("later", "", 0.12),
)
SPOILED_ANSWERS = (("accepted", "", 0.08), ("rejected", "wrong_data", 0.50), ("later", "", 0.08))
SEEN = 0.9


def is_there() -> bool:
    """Whether anything was decided already; then nothing is simulated."""
    return bool(apps.get_model("crm_assist", "Decision").objects.exists())


def work(now: datetime, *, seed: int = 7) -> Iterator[int]:
    """Open and answer, day by day, saying how many customers were opened; then count what became of it."""
    chance = Random(seed)
    agents = [_principal(user) for user in _agents()]
    customers = _customers()
    done = 0
    for days in range(DAYS, 0, -1):
        for moment in sorted(chance.uniform(8.0, 17.0) for _ in range(_views(days))):
            at = (now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
            _open(chance.choice(agents), chance.choice(customers), at + timedelta(hours=moment), chance, days)
            done += 1
            yield done
    list(flow.count(now=now))


def total() -> int:
    """How many customers are opened."""
    return sum(_views(days) for days in range(1, DAYS + 1))


def _views(days_ago: int) -> int:
    return VIEWS_LATELY if days_ago <= LATELY else VIEWS_A_DAY


def _agents() -> list[User]:
    # The log-ins of the demo belong to whoever plays with it.
    found = User.objects.filter(agent_profile__branch__code=TEAM, agent_profile__is_demo_login=False)
    return list(found.order_by("pk")[:6])


def _customers() -> list[str]:
    theirs = Customer.objects.filter(branch__code=TEAM, is_active=True, advice_consent=True, objected_at=None).exclude(
        owner__is_demo_login=True
    )
    return [str(pk) for pk in theirs.order_by("pk").values_list("pk", flat=True)]


def _principal(user: User) -> Principal:
    return Principal(key=str(user.pk), name=user.get_full_name(), teams=(TEAM,), user=user)


def _open(agent: Principal, key: str, at: datetime, chance: Random, days_ago: int) -> None:
    view = flow.record(agent, CUSTOMER, key, now=at)
    if view.decision_id is None or chance.random() > SEEN:
        return
    flow.displayed(agent, view.decision_id, now=at + timedelta(seconds=2))
    for shown in view.suggestions:
        if shown.state != "open":
            continue
        spoiled = days_ago <= SPOILED_DAYS and shown.product in SPOILED
        drawn = chance.random()
        for kind, reason, share in SPOILED_ANSWERS if spoiled else USUAL:
            drawn -= share
            if drawn < 0:
                flow.respond(agent, shown.id, kind=kind, reason=reason, now=at + timedelta(seconds=40))
                break
