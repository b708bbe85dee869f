"""A customer who moves to another tenant while the table of scores is exchanged."""

from __future__ import annotations

import pytest

from crm_assist import customers, flow
from tests.hosts.guild.models import Guild, Member
from tests.scores import score_rows
from tests.story import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def test_swap__customer_who_moves_meanwhile__has_the_new_tenants_score_alone(guilds: dict[str, Guild]) -> None:
    member = Member.objects.create(guild=guilds["a"], name="moves", fee=100)
    steps = flow.rescore(customers.adapter_for(Member), now=NOW, way="swap")
    next(steps)  # the members of a are in the new table
    Member.objects.filter(pk=member.pk).update(guild=guilds["b"])
    flow.customer_changed("guild.Member", [str(member.pk)], now=NOW)
    list(steps)
    rows = score_rows("guild.Member")
    assert [row.scope.tenant for row in rows.filter(key=member.pk)] == ["b"]
    assert rows.count() == 3
