"""The prospects of the campaign: a list and one page each."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, user_passes_test
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from project.campaigns.models import CampaignFile, Prospect
from project.campaigns.rights import sees_campaign
from project.campaigns.words import WORDS
from project.crm.sorting import sorted_page

PAGE_SIZE = 25
JOBS = (
    "admin.",
    "blue-collar",
    "entrepreneur",
    "housemaid",
    "management",
    "retired",
    "self-employed",
    "services",
    "student",
    "technician",
    "unemployed",
    "unknown",
)
ORDERS: dict[str, tuple[str, ...]] = {
    "row": ("row",),
    "-row": ("-row",),
    "age": ("age", "-row"),
    "-age": ("-age", "-row"),
}


@login_required
@user_passes_test(sees_campaign)
@require_GET
def prospect_list(request: HttpRequest) -> HttpResponse:
    """The prospects, the latest call first."""
    prospects = Prospect.objects.select_related("call")
    job = request.GET.get("job", "")
    if job:
        prospects = prospects.filter(job=job.replace("\0", ""))
    found = sorted_page(request, prospects, ORDERS, default="-row", now=timezone.now())
    page = Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "sort": found.sort,
        "note": found.note,
        "job": job,
        "jobs": [(code, WORDS[code]) for code in JOBS],
        "file": CampaignFile.objects.last(),
    }
    return render(request, "campaigns/prospect_list.html", context)


@login_required
@user_passes_test(sees_campaign)
@require_GET
def prospect_page(request: HttpRequest, key: int) -> HttpResponse:
    """One prospect: what was known before the call, and what came of it."""
    prospect = get_object_or_404(Prospect.objects.select_related("call"), pk=key)
    return render(request, "campaigns/prospect.html", {"prospect": prospect, "call": getattr(prospect, "call", None)})
