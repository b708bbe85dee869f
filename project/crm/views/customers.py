"""The list of customers and the record of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from project.crm.choices import Segment
from project.crm.forms import ContactForm, close_case, note_contact
from project.crm.models import Branch, Case, Customer
from project.crm.querysets import CustomerQuerySet
from project.crm.rights import profile_of, sees_whole_bank
from project.crm.sorting import sorted_page
from project.crm.telling import tell_offer

PAGE_SIZE = 25
CONTACTS_SHOWN = 12
ORDERS: dict[str, tuple[str, ...]] = {
    "name": ("last_name", "first_name", "pk"),
    "-name": ("-last_name", "-first_name", "-pk"),
    "since": ("since", "pk"),
    "-since": ("-since", "-pk"),
    "balance": ("balance", "pk"),
    "-balance": ("-balance", "-pk"),
    "savings": ("savings", "pk"),
    "-savings": ("-savings", "-pk"),
}


@login_required
@require_GET
def customer_list(request: HttpRequest) -> HttpResponse:
    """The customers one may see: searched, narrowed, sorted, 25 to a page."""
    narrowed = _narrowed(request, Customer.objects.visible_to(request.user))
    found = sorted_page(request, narrowed, ORDERS, default="name", now=timezone.now())
    page = Paginator(found.rows.select_related("branch", "owner__user"), PAGE_SIZE).get_page(request.GET.get("page"))
    whole = sees_whole_bank(request.user)
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "sort": found.sort,
        "note": found.note,
        "query": request.GET.get("q", "")[:100],
        "segment": request.GET.get("segment", ""),
        "segments": Segment.choices,
        "mine": request.GET.get("mine") == "1",
        "branch": request.GET.get("branch", ""),
        "branches": Branch.objects.values_list("code", "name") if whole else (),
    }
    return render(request, "crm/customer_list.html", context)


def _narrowed(request: HttpRequest, customers: CustomerQuerySet) -> CustomerQuerySet:
    """The customers that the filters of the request leave; an unknown branch or segment leaves none."""
    customers = customers.search(request.GET.get("q", "")[:100].replace("\0", ""))
    if branch := request.GET.get("branch"):
        customers = customers.filter(branch__code=branch.replace("\0", ""))
    if segment := request.GET.get("segment"):
        customers = customers.filter(segment=segment.replace("\0", ""))
    if request.GET.get("mine") == "1":
        customers = customers.filter(owner=profile_of(request.user))
    return customers


@login_required
@require_GET
def customer_page(request: HttpRequest, key: int) -> HttpResponse:
    """One customer's record; 404 alike for one that is not there and one that may not be seen."""
    return _render_record(request, _visible(request, key), ContactForm())


@login_required
@require_POST
def add_contact(request: HttpRequest, key: int) -> HttpResponse:
    """Note a conversation on the record."""
    customer = _visible(request, key)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _render_record(request, customer, form, status=422)
    agent = profile_of(request.user)
    note_contact(form=form, customer=customer, agent=agent, now=timezone.now())
    tell_offer(request, customer, topic=form.cleaned_data["topic"], product=form.cleaned_data["product_code"])
    messages.success(request, _("The contact is noted."))
    return redirect(customer)


@login_required
@require_POST
def finish_case(request: HttpRequest, key: int, case_key: int) -> HttpResponse:
    """Close a case of the customer."""
    customer = _visible(request, key)
    close_case(case=get_object_or_404(Case, pk=case_key, customer=customer), now=timezone.now())
    messages.success(request, _("The case is closed."))
    return redirect(customer)


def _visible(request: HttpRequest, key: int) -> Customer:
    customers = Customer.objects.visible_to(request.user).select_related("branch", "owner__user")
    customer: Customer = get_object_or_404(customers, pk=key)
    return customer


def _render_record(request: HttpRequest, customer: Customer, form: ContactForm, *, status: int = 200) -> HttpResponse:
    contacts = customer.contacts.select_related("agent__user")
    every = request.GET.get("contacts") == "all"
    context: dict[str, Any] = {
        "customer": customer,
        "age": customer.age_on(timezone.localdate()),
        "holdings": customer.holdings.current(),
        "closed_holdings": customer.holdings.exclude(closed_on=None),
        "contacts": contacts if every else contacts[:CONTACTS_SHOWN],
        "contact_count": contacts.count(),
        "every_contact": every,
        "open_cases": customer.cases.open(),
        "closed_cases": customer.cases.exclude(closed_at=None),
        "orders": customer.orders.all(),
        "form": form,
    }
    return render(request, "crm/customer.html", context, status=status)
