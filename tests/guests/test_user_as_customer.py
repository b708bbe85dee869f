"""Customers who are the host's users: logging in scores nobody, staff are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.signals import post_delete, post_save
from django.test import Client as Browser

from crm_assist import customers, flow
from crm_assist import features as f
from crm_assist.customers import detection
from crm_assist.types import Consent, ConsentState, Principal
from tests import scores
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db(transaction=True)


class Shopper(customers.CustomerAdapter):
    """Every user who is no staff is a customer; staff see all of them."""

    features = [f.Age("balance", "date_joined", label="Member for")]

    def queryset(self) -> Any:
        return User.objects.filter(is_staff=False, is_active=True)

    def visible(self, principal: Principal, queryset: Any) -> Any:
        return queryset if principal.user is not None and principal.user.is_staff else queryset.none()

    def consent(self, obj: User) -> Consent:
        return Consent(state=ConsentState.GRANTED)


@pytest.fixture(autouse=True)
def shop() -> Iterator[None]:
    with customers.registered(User, Shopper):
        detection.connect([])
        yield
    for signal in (post_save, post_delete):
        assert signal.disconnect(sender=User, dispatch_uid="crm_assist:auth.User<auth.User")


def stored() -> list[str]:
    return list(scores.stored("auth.User"))


def test_login__of_a_customer__scores_nobody_while_a_change_does() -> None:
    shopper = User.objects.create_user("shopper")
    open_bank("auth.User")
    Browser().force_login(shopper)
    assert stored() == []
    shopper.email = "new@home.example"
    shopper.save()
    assert stored() == [str(shopper.pk)]


def test_record__of_a_shopper__is_seen_by_staff_and_by_no_shopper() -> None:
    open_bank("auth.User")
    shopper, clerk = User.objects.create_user("shopper"), User.objects.create_user("clerk", is_staff=True)
    staff, own = (Principal(key=str(user.pk), user=user) for user in (clerk, shopper))
    assert flow.record(staff, "auth.User", str(shopper.pk), now=NOW).score is not None
    for principal, key in ((own, shopper.pk), (staff, clerk.pk)):
        with pytest.raises(customers.CustomerNotFound):
            flow.record(principal, "auth.User", str(key), now=NOW)


def test_closing_the_account__takes_the_customer_out() -> None:
    open_bank("auth.User")
    shopper = User.objects.create_user("shopper")
    assert stored() == [str(shopper.pk)]
    shopper.is_active = False
    shopper.save()
    assert stored() == []
