"""The branch's day: who asked, who needs care, what was said and ordered."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from project.crm.models import Case, Contact, Customer, Order
from project.crm.rights import profile_of

SHOWN = 8


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The start page, over the customers that the person may see."""
    now = timezone.now()
    customers = Customer.objects.visible_to(request.user)
    seen = customers.order_by().values("pk")
    contacts = Contact.objects.filter(customer__in=seen).select_related("customer", "agent__user")
    orders = Order.objects.filter(customer__in=seen).select_related("customer")
    cases = Case.objects.open().filter(customer__in=seen).select_related("customer")
    questions = contacts.unanswered_questions(now)
    return render(
        request,
        "crm/home.html",
        {
            "profile": profile_of(request.user),
            "today": timezone.localdate(now),
            "customer_count": customers.count(),
            "contact_count": contacts.since(now, days=7).count(),
            "order_count": orders.since(now, days=30).filter(cancelled_at=None).count(),
            "case_count": cases.count(),
            "questions": questions.reverse()[:SHOWN],
            "question_count": questions.count(),
            "contacts": contacts.since(now, days=30)[:SHOWN],
            "cases": cases[:SHOWN],
            "orders": orders.since(now, days=30)[:SHOWN],
        },
    )
