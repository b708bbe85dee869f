"""Who is answered what, at each address of ours: written down by hand, by the names of roles and permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_assist.roles import ROLES

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOBODY = "nobody"
PEOPLE = (NOBODY, *ROLES)
OWNERS = ("agent", "team_lead")
"""The roles whose people have customers in this bank."""

CATALOGUE = ("change_product_catalogue", "view_log", "change_phase")
RULES = ("change_rules", "change_product_catalogue", "view_log")
CARDS = ("publish_card", "declare_target", "view_log")
WHY = {"reason": "because"}
SINCE = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """One method of one address: what is sent, who may, and how each is answered."""

    ok: int = 200
    needs: tuple[str, ...] | None = None
    """Any of these permissions; None: whoever is signed in."""
    own: bool = False
    """Whether it is about a customer, whom others may not even know of."""
    open_to_all: bool = False
    nobody: int = 401
    denied: int = 403
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None

    def status(self, person: str) -> int:
        """How this person is answered."""
        if self.open_to_all:
            return self.ok
        if person == NOBODY:
            return self.nobody
        if self.own:
            return self.ok if person in OWNERS else 404
        if self.needs is not None and not ROLES[person] & set(self.needs):
            return self.denied
        return self.ok


Doors = Mapping[str, Mapping[str, Door]]
CUSTOMER = {"model": "desk.Client", "key": "<key>"}
OUTCOME = {"key": "<key>", "kind": "ordered", "product": "deposit", "occurred_at": SINCE}
PRODUCT = {"code": "loan", "target": "orders", "value": "1.00", "texts": {"en": {"name": "Loan", "benefit": "Cheap"}}}
CONDITION = {"schema": 1, "rule": {"feature": "balance", "above": 1}}
RULE = {"code": "wealthy", "step": "eligibility", "adapter": "desk.Client", "document": CONDITION}
MOVE = {"team": "north", "phase": "score", "reason": "because"}


def page(**more: Any) -> Door:
    """A page for people: the signed-out are led to the sign-in."""
    return Door(nobody=302, **more)


LED = Door(open_to_all=True, ok=302)
"""The address of a form, opened: everybody is led to the form's page, which asks for the right."""

PAGES: Doors = {
    "panel": {"GET": Door(own=True, query=CUSTOMER)},
    "score": {"GET": Door(own=True, query=CUSTOMER)},
    "record": {"GET": page(own=True, query=CUSTOMER)},
    "respond": {"POST": Door(own=True, body={"kind": "accepted"})},
    "undo": {"POST": Door(own=True, ok=409, body={})},
    "answer_score": {"POST": Door(own=True, body={"kind": "useful"})},
    "own_offer": {"POST": Door(own=True, body={"product": "deposit"})},
    "displayed": {"POST": Door(own=True, body={})},
    "phases": {"GET": page(needs=("change_phase",))},
    "move": {"GET": LED, "POST": page(needs=("change_phase",), ok=302, form={**MOVE, "percent": "100"})},
    "release": {
        "GET": LED,
        "POST": page(needs=("change_phase",), ok=400, form={"team": "nowhere", **WHY}),
    },
    "switch": {
        "GET": LED,
        "POST": page(needs=("change_phase",), ok=302, form={"to": "killed", "sure": "yes", **WHY}),
    },
    "decisions": {"GET": page(needs=("view_log",))},
    "export": {"GET": page(needs=("export_log",))},
    "decision": {"GET": page(needs=("view_log",))},
    "replay": {"GET": LED, "POST": page(needs=("view_log",), ok=302, form={})},
    "results": {"GET": page(needs=("view_log",))},
    "dossier": {"GET": page(needs=("view_dossier",), query=CUSTOMER)},
    "products": {"GET": page(needs=CATALOGUE)},
    "rules": {"GET": page(needs=RULES)},
    "rule_new": {
        "GET": page(needs=("change_rules",)),
        "POST": page(needs=("change_rules",), ok=400, form={}),
    },
    "rule": {
        "GET": page(needs=RULES),
        "POST": page(needs=("change_rules",), ok=400, form={}),
    },
    "rule_withdraw": {"GET": LED, "POST": page(needs=("change_rules",), ok=400, form={})},
    "health": {"GET": Door(open_to_all=True)},
    "ready": {"GET": Door(open_to_all=True)},
    "metrics": {"GET": Door(needs=("view_health",), denied=404, nobody=404)},
    "asset": {"GET": Door(open_to_all=True)},
}
"""The addresses of `crm_assist.urls`, by name."""

API: Doors = {
    "assist": {"GET": Door(own=True, query=CUSTOMER)},
    "respond": {"POST": Door(own=True, body={"kind": "accepted"})},
    "undo": {"POST": Door(own=True, ok=409, body={})},
    "score_answer": {"POST": Door(own=True, body={"kind": "useful"})},
    "own_offer": {"POST": Door(own=True, body={"product": "deposit"})},
    "displayed": {"POST": Door(own=True, body={})},
    "decisions": {"GET": Door(needs=("view_log",))},
    "export": {"GET": Door(needs=("export_log",))},
    "decision": {"GET": Door(needs=("view_log",))},
    "replay": {"GET": Door(needs=("view_log",))},
    "results": {"GET": Door(needs=("view_log",))},
    "result_change": {"GET": Door(needs=("view_log",))},
    "dossier": {"GET": Door(needs=("view_dossier",), query=CUSTOMER)},
    "outcomes": {"POST": Door(needs=("record_outcome",), ok=201, body={"model": "desk.Client", **OUTCOME})},
    "outcomes_bulk": {"POST": Door(needs=("record_outcome",), body={"model": "desk.Client", "outcomes": [OUTCOME]})},
    "outcome_state": {"GET": Door(needs=("record_outcome", "view_log"))},
    "outcomes_complete": {"POST": Door(needs=("record_outcome",), body={"source": "x", "complete_until": SINCE})},
    "outcome_settle": {"POST": Door(needs=("record_outcome",), ok=422, body={})},
    "readiness": {"GET": Door(needs=CARDS)},
    "phases": {"GET": Door(needs=("change_phase",))},
    "move": {"POST": Door(needs=("change_phase",), body=MOVE)},
    "kill": {"POST": Door(needs=("change_phase",), body=WHY)},
    "restore": {"POST": Door(needs=("change_phase",), body=WHY)},
    "products": {
        "GET": Door(needs=CATALOGUE),
        "PUT": Door(needs=("change_product_catalogue",), body={"products": [PRODUCT]}),
    },
    "rules": {
        "GET": Door(needs=RULES),
        "PUT": Door(needs=("change_rules",), body={"rules": [RULE], **WHY}),
    },
    "rule_effect": {"POST": Door(needs=("change_rules",), body={"adapter": "desk.Client", "document": CONDITION})},
    "rule_versions": {"GET": Door(needs=RULES)},
    "rule_withdraw": {"POST": Door(needs=("change_rules",), body=WHY)},
    "cards": {"GET": Door(needs=CARDS)},
    "card": {"GET": Door(needs=CARDS)},
    "publish": {"POST": Door(needs=("publish_card",), ok=201, body={"target": "orders", "card": "<card>", **WHY})},
    "revert": {"POST": Door(needs=("publish_card",), ok=201, body=WHY)},
    "promote": {"POST": Door(needs=("publish_card",), body=WHY)},
    "health": {"GET": Door(needs=("view_health",))},
    "openapi_json": {"GET": Door()},
    "openapi_yaml": {"GET": Door()},
    "docs": {"GET": Door()},
}
"""The addresses of `crm_assist.api.urls`, by name."""

ADMIN: Doors = {}
"""The pages of the Django admin stand in `tests/admin`, which asks the admin's own permissions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surface:
    """One set of addresses and how a method that is not there is refused."""

    title: str
    urls: str
    namespace: str
    doors: Doors
    nobody_elsewhere: int
    """What somebody who is not signed in is told of a method that is not there."""

    def expected(self, name: str, method: str, person: str) -> int:
        """How the person is answered at the address by this method."""
        door = self.doors[name].get(method)
        if door is not None:
            return door.status(person)
        return self.nobody_elsewhere if person == NOBODY else 405


SURFACES = (
    Surface(title="Pages", urls="crm_assist.urls", namespace="crm_assist", doors=PAGES, nobody_elsewhere=405),
    Surface(title="REST", urls="crm_assist.api.urls", namespace="crm_assist_api", doors=API, nobody_elsewhere=401),
)
