"""The seven roles and which of our permissions each holds; groups are made of them on request, never by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps

ROLES: Mapping[str, frozenset[str]] = {
    "agent": frozenset(),
    "team_lead": frozenset(),
    "administrator": frozenset({"change_phase", "manage_runs", "view_health"}),
    "approver": frozenset({"change_phase", "publish_card"}),
    "business_user": frozenset({"change_product_catalogue", "change_rules"}),
    "data_team": frozenset(
        {"view_log", "export_log", "declare_target", "publish_card", "record_outcome", "manage_runs", "view_health"}
    ),
    "compliance": frozenset({"view_log", "export_log", "export_names", "manage_holds", "view_dossier", "view_agent"}),
}
"""Role and the codenames it holds, under the app label `crm_assist`; what agents and team leads see is the phase's
and the adapter's affair, so that they need none."""

GROUPS: Mapping[str, str] = {
    "agent": "Agents",
    "team_lead": "Team leads",
    "administrator": "Administrators",
    "approver": "Approvers",
    "business_user": "Business users",
    "data_team": "Data team",
    "compliance": "Compliance",
}
"""The name of each role's group, after the prefix; not translated, since a group is known by its name."""

PREFIX = "CRM assist: "
"""Keeps our groups apart from the host's own, which may have the same plain names and other people in them."""


class RolesError(Exception):
    """Groups cannot be made; says why and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleGroup:
    """What became of one role's group: whether it is new, which permissions were added, which it holds beside."""

    role: str
    name: str
    created: bool
    added: tuple[str, ...]
    beside: tuple[str, ...]


def make_groups(*, prefix: str = PREFIX) -> tuple[RoleGroup, ...]:
    """A group for each role with at least its permissions; what the host added stays. All of them or none.

    Raises RolesError without `django.contrib.auth`, before migration, and for names that are too long.
    """
    if not apps.is_installed("django.contrib.auth"):
        raise RolesError(
            "django.contrib.auth is not in INSTALLED_APPS, so that there are no groups. "
            "Give permissions in your adapter's principal instead, from crm_assist.roles.ROLES."
        )
    # Here and not above: a host without django.contrib.auth cannot import its models.
    from django.contrib.auth.models import Group, Permission
    from django.db import transaction

    held: dict[str, Any] = {
        one.codename: one for one in Permission.objects.filter(content_type__app_label="crm_assist").order_by("pk")
    }
    missing = sorted(frozenset().union(*ROLES.values()) - held.keys())
    if missing:
        raise RolesError(f"Permissions are missing: {', '.join(missing)}. Run `manage.py migrate` first.")
    longest = Group._meta.get_field("name").max_length or 150
    if max(len(prefix + name) for name in GROUPS.values()) > longest:
        raise RolesError(f"--prefix {prefix!r}: too long; a group's name holds at most {longest} characters.")
    with transaction.atomic():
        return tuple(_group(role, prefix + GROUPS[role], held) for role in ROLES)


def remove_groups(*, prefix: str = PREFIX) -> tuple[RoleGroup, ...]:
    """Delete the groups that make_groups made; one that holds rights of the host's as well only loses ours.

    Raises RolesError without `django.contrib.auth` and without a prefix, where the host's own groups might be meant.
    """
    if not prefix.strip():
        raise RolesError("--prefix is empty: groups with such plain names may be your own; remove them by hand.")
    if not apps.is_installed("django.contrib.auth"):
        raise RolesError("django.contrib.auth is not in INSTALLED_APPS, so that there are no groups to remove.")
    # Here and not above: a host without django.contrib.auth cannot import its models.
    from django.contrib.auth.models import Group
    from django.db import transaction

    removed = []
    with transaction.atomic():
        for role, name in GROUPS.items():
            for group in Group.objects.filter(name=prefix + name):
                group.permissions.remove(*group.permissions.filter(content_type__app_label="crm_assist"))
                beside = tuple(f"{one.content_type.app_label}.{one.codename}" for one in group.permissions.all())
                removed.append(RoleGroup(role=role, name=group.name, created=False, added=(), beside=beside))
                if not beside:
                    group.delete()
    return tuple(removed)


def _group(role: str, name: str, held: Mapping[str, Any]) -> RoleGroup:
    # Here and not above, as in make_groups.
    from django.contrib.auth.models import Group

    group, created = Group.objects.get_or_create(name=name)
    has = {(app, codename) for app, codename in group.permissions.values_list("content_type__app_label", "codename")}
    added = sorted(codename for codename in ROLES[role] if ("crm_assist", codename) not in has)
    group.permissions.add(*(held[codename] for codename in added))
    ours = {("crm_assist", codename) for codename in ROLES[role]}
    beside = sorted(f"{app}.{codename}" for app, codename in has - ours)
    return RoleGroup(role=role, name=name, created=created, added=tuple(added), beside=tuple(beside))
