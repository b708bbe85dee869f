"""The bank's records in the Django admin."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from project.crm.models import AgentProfile, Branch, Case, Contact, Customer, Order


@admin.register(Branch)
class BranchAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Branches."""

    list_display = ("name", "code")


@admin.register(AgentProfile)
class AgentProfileAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Who works where."""

    list_display = ("user", "branch", "is_lead")
    list_filter = ("branch",)
    list_select_related = ("user", "branch")
    search_fields = ("user__first_name", "user__last_name", "user__username")
    autocomplete_fields = ("user",)


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Customers, as far as the person may see them."""

    list_display = ("number", "called", "segment", "branch")
    list_filter = ("segment", "branch")
    list_select_related = ("branch",)
    search_fields = ("number", "last_name", "first_name")
    autocomplete_fields = ("owner",)
    ordering = ("last_name", "first_name", "pk")

    @admin.display(description=_("Customer"), ordering="last_name")
    def called(self, customer: Customer) -> str:
        """Both names in one column: beside the menu and the filter there is room for few."""
        return str(customer)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """The same rule as on the bank's own pages."""
        return super().get_queryset(request) & Customer.objects.visible_to(request.user)


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Conversations."""

    list_display = ("at", "customer", "topic", "channel", "product_code")
    list_filter = ("topic", "channel")
    list_select_related = ("customer",)
    raw_id_fields = ("customer", "agent")


@admin.register(Case)
class CaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Situations that ask for care."""

    list_display = ("kind", "customer", "opened_at", "closed_at")
    list_filter = ("kind",)
    list_select_related = ("customer",)
    raw_id_fields = ("customer",)


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Orders."""

    list_display = ("at", "customer", "product_code", "cancelled_at")
    list_filter = ("product_code",)
    list_select_related = ("customer",)
    raw_id_fields = ("customer",)
