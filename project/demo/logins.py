"""The demo's seven log-ins: one for each kind of person who works with the bank, all with one known password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_assist import roles
from project.crm.models import AgentProfile, Branch, Customer

PASSWORD = "horizon"
_EVERYBODY = ("campaigns.view_campaign",)
_READS_ALL = ("crm.view_whole_bank", "crm.view_customer", "crm.view_contact", "crm.view_order", "crm.view_case")


class DemoLoginsRefused(Exception):
    """Log-ins with a known password may exist only while DEBUG is on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoLogin:
    """A log-in of the demo: user name, person, its duty in `crm_assist.roles`, and what the bank itself allows it."""

    username: str
    first_name: str
    last_name: str
    duty: str
    role: str | Promise
    permissions: tuple[str, ...]
    in_branch: bool = False
    is_lead: bool = False
    is_staff: bool = False


LOGINS: Sequence[DemoLogin] = (
    DemoLogin(
        username="agent",
        first_name="Camille",
        last_name="Laurent",
        duty="agent",
        role=_("Agent"),
        permissions=_EVERYBODY,
        in_branch=True,
    ),
    DemoLogin(
        username="lead",
        first_name="Nadia",
        last_name="Benali",
        duty="team_lead",
        role=_("Team lead"),
        permissions=(*_EVERYBODY, "crm.view_customer"),
        in_branch=True,
        is_lead=True,
        is_staff=True,
    ),
    DemoLogin(
        username="admin",
        first_name="Thomas",
        last_name="Girard",
        duty="administrator",
        role=_("Administrator"),
        permissions=(
            *_EVERYBODY,
            *_READS_ALL,
            "auth.view_user",
            "auth.change_user",
            "auth.view_group",
            "crm.view_branch",
            "crm.view_agentprofile",
            "crm.change_agentprofile",
        ),
        is_staff=True,
    ),
    DemoLogin(
        username="approver",
        first_name="Hélène",
        last_name="Fontaine",
        duty="approver",
        role=_("Approver"),
        permissions=(*_EVERYBODY, *_READS_ALL),
        is_staff=True,
    ),
    DemoLogin(
        username="business",
        first_name="Julien",
        last_name="Mercier",
        duty="business_user",
        role=_("Business user"),
        permissions=(*_EVERYBODY, *_READS_ALL),
        is_staff=True,
    ),
    DemoLogin(
        username="analyst",
        first_name="Linh",
        last_name="Nguyen",
        duty="data_team",
        role=_("Analyst"),
        permissions=(*_EVERYBODY, *_READS_ALL),
        is_staff=True,
    ),
    DemoLogin(
        username="compliance",
        first_name="Grace",
        last_name="Wilson",
        duty="compliance",
        role=_("Compliance"),
        permissions=(*_EVERYBODY, *_READS_ALL),
        is_staff=True,
    ),
)


def refuse_without_debug() -> None:
    """Raise DemoLoginsRefused unless DEBUG is on."""
    if not settings.DEBUG:
        raise DemoLoginsRefused(
            "Demo log-ins have a known password and are refused while DEBUG is off (DEBUG=0). "
            "Set DEBUG=1 on a machine of your own, or run load_demo --no-logins and create users yourself."
        )


def make_groups() -> dict[str, Group]:
    """The group of each role: what `crm_assist_roles` gives it, and what the bank itself allows."""
    groups = {made.role: Group.objects.get(name=made.name) for made in roles.make_groups(prefix="")}
    for login in LOGINS:
        groups[login.duty].permissions.add(*(_permission(name) for name in login.permissions))
    return groups


def make_logins(*, branch: Branch, now: datetime) -> None:
    """Create what is missing of the seven log-ins, in DEBUG only; the agent takes over some customers of `branch`."""
    refuse_without_debug()
    groups = make_groups()
    password = make_password(PASSWORD)
    for login in LOGINS:
        user, created = User.objects.get_or_create(
            username=login.username,
            defaults={
                "first_name": login.first_name,
                "last_name": login.last_name,
                "is_staff": login.is_staff,
                "password": password,
                "date_joined": now,
            },
        )
        if not created and not AgentProfile.objects.filter(user=user, is_demo_login=True).exists():
            raise DemoLoginsRefused(
                f"A user named {login.username!r} exists and is not of the demo; rename that user, then run again."
            )
        user.groups.set([groups[login.duty]])
        profile, _made = AgentProfile.objects.update_or_create(
            user=user,
            defaults={
                "branch": branch if login.in_branch else None,
                "is_lead": login.is_lead,
                "is_demo_login": True,
            },
        )
        if created and login.in_branch and not login.is_lead:
            _hand_over(branch, profile)


def _hand_over(branch: Branch, profile: AgentProfile) -> None:
    """Give the demo's agent every fourth customer of the branch."""
    keys = list(Customer.objects.filter(branch=branch).order_by("pk").values_list("pk", flat=True))[::4]
    Customer.objects.filter(pk__in=keys).update(owner=profile)


def _permission(name: str) -> Permission:
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
