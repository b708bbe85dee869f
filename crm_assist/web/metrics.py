"""`metrics/`: our counters for Prometheus, for holders of `view_health` and programs that know the token."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from crm_assist import metrics as meters
from crm_assist.web.monitors import for_monitor, may_watch


@for_monitor
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as text; 404 for anybody else, and where `prometheus-client` is not installed."""
    if not may_watch(request):
        return HttpResponse(status=404)
    try:
        body, kind = meters.exposition()
    except ImproperlyConfigured as missing:
        return HttpResponse(f"{missing}\n", status=404, content_type="text/plain; charset=utf-8")
    return HttpResponse(body, content_type=kind)
