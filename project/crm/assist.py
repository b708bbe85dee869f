"""What the bank tells crm_assist of its customers: who sees them, what is known of them and when to keep silent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm_assist import customers
from crm_assist import features as f
from crm_assist.types import Consent, ConsentState, Principal, Situation, Zone
from fixtures.products import product_codes
from project.crm.choices import CaseKind, Channel, Household, Housing, Segment, Topic
from project.crm.models import Branch, Case, Customer
from project.crm.rights import profile_of
from project.crm.wording import lazy_product_names

NAMES = lazy_product_names()
LATELY = 60
"""Days for which a question or an offer counts; the labels name them."""
ONCE: dict[str, Any] = {"history": True, "changeable": False}
"""What is written when the customer joins, and stays."""

ZONES = {
    CaseKind.COMPLAINT: Zone.TRADITIONAL,
    CaseKind.BEREAVEMENT: Zone.TRADITIONAL,
    CaseKind.FRAUD: Zone.TRADITIONAL,
    CaseKind.VULNERABLE: Zone.TRADITIONAL,
}
SITUATIONS = {
    CaseKind.COMPLAINT: _("complaint open"),
    CaseKind.BEREAVEMENT: _("bereavement known"),
    CaseKind.FRAUD: _("fraud case open"),
    CaseKind.VULNERABLE: _("vulnerable customer"),
}


def _recent(at: datetime, days: int, *conditions: Q) -> tuple[Q, ...]:
    return (f.between("at", at - f.days(days), at), *conditions)


def _held_at(at: datetime) -> Q:
    """Opened before the moment and not closed by then."""
    day = at.date()
    return Q(opened_on__lt=day) & (Q(closed_on=None) | Q(closed_on__gte=day))


def _holds(code: str) -> Any:
    return lambda at: f.any_of("holdings", _held_at(at), Q(product_code=code))


@customers.register(Customer)
class BankCustomer(customers.CustomerAdapter):
    """A customer of Banque Horizon."""

    main_target = "orders_any"
    # Changeable is a state that customer or agent can act on; what has happened, and what is written once, is not.
    features = (
        f.Age("age", "birth_date", label=_("Age"), rules=True, changeable=False),
        f.Age("customer_for", "since", label=_("Customer for"), rules=True, changeable=False),
        f.Number(
            "balance", "balance", label=_("Account balance"), unit="EUR", rules=True, history=False, changeable=True
        ),
        f.Number(
            "last_statement",
            lambda at: f.latest("statements", "balance", f.before("at", at)),
            label=_("Balance of the last statement"),
            unit="EUR",
            changeable=True,
        ),
        # These are written once when the customer joins and are never overwritten in this bank, so today's value is
        # that of any moment since, whatever anybody does. A bank that overwrites them says history=False, as for the
        # balance above, and may say changeable=True.
        f.Number("savings", "savings", label=_("Savings"), unit="EUR", rules=True, **ONCE),
        f.Number("income", "income", label=_("Monthly income"), unit="EUR", rules=True, **ONCE),
        f.Category("household", "household", label=_("Household"), labels=dict(Household.choices), **ONCE),
        f.Number("children", "children", label=_("Children at home"), rules=True, **ONCE),
        f.Category("housing", "housing", label=_("Housing"), labels=dict(Housing.choices), rules=True, **ONCE),
        f.Flag("has_car", "has_car", label=_("Has a car"), rules=True, **ONCE),
        f.Category("segment", "segment", label=_("Segment"), labels=dict(Segment.choices), rules=True, **ONCE),
        f.Category("channel", "preferred_channel", label=_("Preferred channel"), labels=dict(Channel.choices), **ONCE),
        f.Number("visits_30d", "logins_30d", label=_("Visits to the app in 30 days"), history=False, changeable=True),
        f.Category("language", "language", label=_("Language"), sensitive=True),
        f.Number(
            "contacts_90d",
            lambda at: f.count("contacts", *_recent(at, 90)),
            label=_("Contacts in 90 days"),
            rules=True,
            changeable=False,
        ),
        f.Category(
            "asked_about",
            lambda at: f.latest("contacts", "product_code", *_recent(at, LATELY, Q(topic=Topic.QUESTION))),
            label=_("Asked about in the last 60 days"),
            missing=_("nothing"),
            labels=NAMES,
            changeable=False,
        ),
        f.Category(
            "presented",
            lambda at: f.latest("contacts", "product_code", *_recent(at, LATELY, Q(topic=Topic.OFFER))),
            label=_("Presented in the last 60 days"),
            missing=_("nothing"),
            labels=NAMES,
            changeable=False,
        ),
        f.Flag(
            "open_case",
            lambda at: f.any_of("cases", Q(opened_at__lt=at), Q(closed_at=None) | Q(closed_at__gte=at)),
            label=_("Open case"),
            changeable=True,
        ),
        *(
            f.Flag(
                f"holds_{code}",
                _holds(code),
                label=format_lazy(_("{} held"), NAMES[code]),
                yes=format_lazy(_("Holds: {}"), NAMES[code]),
                no=format_lazy(_("Does not hold: {}"), NAMES[code]),
                changeable=True,
            )
            for code in product_codes()
        ),
    )

    def principal(self, request: HttpRequest) -> Principal:
        """The user, whose team is the branch."""
        principal = super().principal(request)
        profile = profile_of(request.user)
        return replace(principal, teams=(profile.branch.code,)) if profile and profile.branch else principal

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The bank's own rule."""
        return queryset & Customer.objects.visible_to(principal.user) if principal.user else queryset.none()

    def consent(self, obj: Customer) -> Consent:
        """The advice consent with its source; an objection to marketing outweighs it."""
        if obj.objected_at is not None:
            return Consent(state=ConsentState.REFUSED, source="objection", at=obj.objected_at)
        if obj.advice_consent is None:
            return Consent()
        state = ConsentState.GRANTED if obj.advice_consent else ConsentState.REFUSED
        return Consent(state=state, source=obj.consent_source, at=obj.consent_at)

    def holdings(self, obj: Customer) -> frozenset[str]:
        """The products held now."""
        return frozenset(obj.holdings.current().values_list("product_code", flat=True))

    def situations(self, obj: Customer) -> tuple[Situation, ...]:
        """Open cases: the conversation is the agent's alone."""
        return tuple(_situation(case) for case in obj.cases.open())

    def situations_of(self, objs: Iterable[Any]) -> Mapping[str, tuple[Situation, ...]]:
        """Open cases of many customers, in one statement."""
        found: dict[str, tuple[Situation, ...]] = {self.key(obj): () for obj in objs}
        for case in Case.objects.open().filter(customer__in=list(found)):
            found[str(case.customer_id)] += (_situation(case),)
        return found

    def team(self, obj: Customer) -> str:
        """The branch that looks after the customer."""
        return obj.branch.code

    def agents(self, tenant: str, team: str) -> QuerySet[Any]:
        """Who works in a branch, each with the profile that tells the branch."""
        people = User.objects.filter(is_active=True, agent_profile__branch__code=team)
        return people.select_related("agent_profile__branch").order_by("last_name", "first_name", "pk")

    def all_teams(self, tenant: str) -> Collection[str]:
        """Every branch."""
        return list(Branch.objects.values_list("code", flat=True))

    def is_live(self, obj: Customer) -> bool:
        """Whether the customer is still with the bank."""
        return obj.is_active

    def existed(self, at: datetime) -> Q:
        return Q(since__lte=timezone.localdate(at))

    def silent_filter(self) -> Q:
        """Those with an open case, and those who left: no list's order may tell of their score."""
        return Q(is_active=False) | Q(Exists(Case.objects.open().filter(customer=OuterRef("pk"))))


def _situation(case: Case) -> Situation:
    kind = CaseKind(case.kind)
    return Situation(code=kind.lower(), label=str(SITUATIONS[kind]), zone=ZONES[kind], since=case.opened_at)
