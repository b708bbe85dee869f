"""Groups of the seven roles: complete, repeatable, and never taking away what the host gave."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from crm_assist import customers, roles

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "permissions.md"


def run(**options: Any) -> list[str]:
    out = StringIO()
    call_command("crm_assist_roles", stdout=out, **options)
    return out.getvalue().splitlines()


def held(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


def test_roles__all_together__hold_every_permission_and_no_other() -> None:
    assert frozenset().union(*roles.ROLES.values()) == set(customers.PERMISSIONS)
    assert list(roles.ROLES) == list(roles.GROUPS)


def test_roles__on_their_page__are_these() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    told = {role: (group, set(re.findall(r"`(\w+)`", held))) for role, group, held in rows}
    assert told == {role: (roles.GROUPS[role], set(held)) for role, held in roles.ROLES.items()}


@pytest.mark.django_db
def test_command__first_run__makes_seven_groups_with_their_permissions() -> None:
    lines = run()
    assert lines[0] == "CRM assist: Agents: created; needs no permission"
    assert lines[2] == "CRM assist: Administrators: created with change_phase, manage_runs, view_health"
    assert {role: held(roles.PREFIX + roles.GROUPS[role]) for role in roles.ROLES} == roles.ROLES


@pytest.mark.django_db
def test_command__second_run__changes_nothing() -> None:
    run()
    before = list(Group.permissions.through.objects.order_by("pk").values_list("pk", flat=True))
    assert all(line.endswith(": complete") for line in run())
    assert list(Group.permissions.through.objects.order_by("pk").values_list("pk", flat=True)) == before


@pytest.mark.django_db
def test_command__host_added_and_removed__adds_what_is_missing_and_keeps_the_rest() -> None:
    run()
    group = Group.objects.get(name="CRM assist: Compliance")
    group.permissions.remove(Permission.objects.get(codename="view_log"))
    group.permissions.add(Permission.objects.get(codename="view_group"))
    assert "CRM assist: Compliance: added view_log; also holds auth.view_group" in run()
    assert held("CRM assist: Compliance") == {"view_log", "export_log", "export_names", "view_group"}


@pytest.mark.django_db
def test_command__prefix__names_the_groups() -> None:
    run(prefix="Horizon ")
    assert held("Horizon Data team") == roles.ROLES["data_team"]
    assert not Group.objects.filter(name__startswith="CRM").exists()


@pytest.mark.django_db
def test_command__prefix_too_long__is_refused_and_makes_nothing() -> None:
    with pytest.raises(CommandError, match="at most 150"):
        run(prefix="x" * 145)
    assert not Group.objects.exists()


@pytest.mark.django_db
def test_command__permissions_not_there_yet__says_migrate_and_makes_nothing() -> None:
    Permission.objects.filter(codename="view_log").delete()
    with pytest.raises(CommandError, match=r"view_log.*migrate"):
        run()
    assert not Group.objects.exists()


@pytest.mark.django_db
def test_command__remove__deletes_ours_and_keeps_what_the_host_uses() -> None:
    run()
    Group.objects.get(name="CRM assist: Compliance").permissions.add(Permission.objects.get(codename="view_group"))
    Group.objects.create(name="Agents")
    lines = run(remove=True)
    assert "CRM assist: Agents: removed" in lines
    assert "CRM assist: Compliance: kept, since it holds auth.view_group" in lines
    assert set(Group.objects.values_list("name", flat=True)) == {"Agents", "CRM assist: Compliance"}
    assert held("CRM assist: Compliance") == {"view_group"}


@pytest.mark.django_db
def test_command__remove_without_a_prefix__is_refused() -> None:
    Group.objects.create(name="Agents")
    with pytest.raises(CommandError, match="by hand"):
        run(remove=True, prefix="")
    assert Group.objects.filter(name="Agents").exists()
