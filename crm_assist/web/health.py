"""Two addresses for load balancers and monitors: `health/` says that we live, `ready/` that help can be given.

Neither asks for a login. Strangers learn one word; the checks behind it are shown to whoever may see them.
"""

from __future__ import annotations

from time import monotonic

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from crm_assist import flow
from crm_assist.web.monitors import for_monitor, may_watch

KEPT_SECONDS = 1.0
"""For how long an answer serves strangers, so that nobody can make the database busy by asking."""
_kept: dict[str, tuple[float, tuple[flow.Health, ...]]] = {}


@for_monitor
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all; the database is not touched."""
    return JsonResponse({"status": "ok"})


@for_monitor
def ready(request: HttpRequest) -> HttpResponse:
    """200 when everything that is needed is well, else 503; the checks for those with `view_health` or the token."""
    found = _latest()
    body: dict[str, object] = {"status": "ok" if flow.is_ready(found) else "unready"}
    if may_watch(request, reachable=found[0].ok):
        body["checks"] = [
            {"name": one.name, "ok": one.ok, "needed": one.needed, "message": one.message} for one in found
        ]
    return JsonResponse(body, status=200 if flow.is_ready(found) else 503)


def _latest() -> tuple[flow.Health, ...]:
    at, found = _kept.get("answer", (float("-inf"), ()))
    if not found or monotonic() - at > KEPT_SECONDS:
        found = flow.health(now=timezone.now())
        _kept["answer"] = monotonic(), found
    return found


def forget() -> None:
    """Ask anew next time, as after a repair: the answer that is kept may be another than that of now."""
    _kept.clear()
