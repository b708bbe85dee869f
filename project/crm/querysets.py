"""What is read from the bank's records, and who may read it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet

from project.crm.rights import branch_of, sees_whole_bank

if TYPE_CHECKING:
    from project.crm.models import Case, Contact, Customer, Holding, Order  # noqa: F401  (named in the bases)


class CustomerQuerySet(QuerySet["Customer"]):
    """Customers, narrowed to what one person may see or asked for."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> CustomerQuerySet:
        """An agent's own branch, the whole bank for those who steer or review it, nobody otherwise."""
        if sees_whole_bank(user):
            return self
        branch = branch_of(user)
        return self.none() if branch is None else self.filter(branch_id=branch)

    def search(self, text: str) -> CustomerQuerySet:
        """Each word must begin a name or be in the town or the customer number."""
        found = self
        for word in text.split()[:6]:
            found = found.filter(
                Q(last_name__istartswith=word)
                | Q(first_name__istartswith=word)
                | Q(number__iexact=word)
                | Q(city__istartswith=word)
            )
        return found


class HoldingQuerySet(QuerySet["Holding"]):
    """Products held."""

    def current(self) -> HoldingQuerySet:
        """Those not closed."""
        return self.filter(closed_on=None)


class ContactQuerySet(QuerySet["Contact"]):
    """Conversations."""

    def since(self, now: datetime, *, days: int) -> ContactQuerySet:
        """Those of the last `days` before `now`, the latest first."""
        return self.filter(at__gte=now - timedelta(days=days), at__lte=now).order_by("-at", "-pk")

    def unanswered_questions(self, now: datetime, *, days: int = 14) -> ContactQuerySet:
        """Questions about a product that customers asked lately, the oldest first."""
        return self.since(now, days=days).filter(topic="QUESTION", direction="IN").order_by("at", "pk")


class CaseQuerySet(QuerySet["Case"]):
    """Situations that ask for care."""

    def open(self) -> CaseQuerySet:
        """Those not closed."""
        return self.filter(closed_at=None)


class OrderQuerySet(QuerySet["Order"]):
    """Orders."""

    def since(self, now: datetime, *, days: int) -> OrderQuerySet:
        """Those of the last `days` before `now`, the latest first."""
        return self.filter(at__gte=now - timedelta(days=days), at__lte=now).order_by("-at", "-pk")
