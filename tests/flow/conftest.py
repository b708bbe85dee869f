"""An agent of the desk, and a client whom the agent looks after."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from crm_assist.types import Principal
from tests.hosts.desk.models import Client


@pytest.fixture
def agent() -> Principal:
    return Principal(key=str(User.objects.create_user("ann").pk), name="Ann")


@pytest.fixture
def client_(agent: Principal) -> Client:
    return Client.objects.create(name="Rose", owner_id=int(agent.key), balance=8000, segment="private")
