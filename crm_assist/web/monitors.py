"""Who may watch the insides: holders of `view_health`, and programs that know the token of the settings."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from crm_assist import customers
from crm_assist.conf import settings

logger = logging.getLogger("crm_assist.web")


def for_monitor(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A view that programs read: GET and HEAD alone, never cached, open where the host asks all others to sign in."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = view(request)
        response["Cache-Control"] = "no-store"
        return response

    for alias in connections:
        # Where the host wraps requests in transactions, a lost database would be an error page and no answer.
        transaction.non_atomic_requests(alias)(guarded)
    # What Django's LoginRequiredMiddleware looks for; its decorator lives in an app that a host may not have.
    guarded.login_required = False  # type: ignore[attr-defined]
    return guarded


def may_watch(request: HttpRequest, *, reachable: bool = True) -> bool:
    """Whether the details may be shown; without a database nobody is known but by the token. Never raises."""
    token = settings.MONITOR_TOKEN
    if token and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        return True
    if not reachable:
        return False
    try:
        return customers.principal_of(request).may("view_health")
    except Exception:
        logger.exception("crm_assist could not tell who asks for %s", request.path)
        return False
