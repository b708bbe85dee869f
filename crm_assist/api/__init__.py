"""REST for programs: each view parses, makes one flow call and renders; needs the extra `crm-assist[api]`.

Mount it with `path("api/assist/", include("crm_assist.api.urls"))`. Authentication, permissions, throttles and
renderers are the host's own; who may see what is decided by the adapter and the flow, whatever those allow.
"""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from crm_assist.packages import remedy

try:
    import drf_spectacular
    import rest_framework
except ImportError as error:
    raise ImproperlyConfigured(
        f"crm_assist.api needs {error.name}, which is not installed: {remedy('api')}; "
        "or take crm_assist.api.urls out of your URL configuration."
    ) from error

__all__ = ["drf_spectacular", "rest_framework"]
