"""Two tenants in one database, each with its people, members, cards and products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission, User
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.decisions.models import Decision
from tests.hosts.guild.models import Guild, Member, Profile
from tests.story import open_phase, publish, stock

LABEL = "guild.Member"


@dataclass(frozen=True, kw_only=True)
class House:
    """One tenant: a person with every permission, a member, and what the panel made of it."""

    code: str
    user: User
    browser: Browser
    member: Member
    decision: UUID
    suggestion: UUID

    @property
    def principal(self) -> Any:
        return customers.adapter_for(Member).principal(Asked(self.user))  # type: ignore[arg-type]


@dataclass
class Asked:
    """A request as far as the adapter looks at it."""

    user: User


def open_house(code: str) -> House:
    now = timezone.now()
    publish(LABEL, tenant=code, feature="fee", now=now)
    stock(tenant=code, codes=("deposit", f"only_{code}"), now=now)
    open_phase("recommend", tenant=code, now=now)
    user = User.objects.create_user(code)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="crm_assist"))
    guild = Guild.objects.create(code=code)
    member = Member.objects.create(guild=guild, name=f"Member of {code}", fee=50)
    member.carers.add(Profile.objects.create(user=user, guild=guild))
    browser = Browser()
    browser.force_login(user)
    assert panel(browser, member) == 200
    decision = Decision.objects.get(tenant=code)
    view = flow.record(customers.adapter_for(Member).principal(Asked(user)), LABEL, str(member.pk), now=now)  # type: ignore[arg-type]
    return House(
        code=code,
        user=user,
        browser=browser,
        member=member,
        decision=decision.pk,
        suggestion=view.suggestions[0].id,
    )


def panel(browser: Browser, member: Member, name: str = "panel") -> int:
    return browser.get(reverse(f"crm_assist:{name}"), {"model": LABEL, "key": str(member.pk)}).status_code
