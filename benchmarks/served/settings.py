"""The site: the test suite's hosts and one of plain features, with the settings of a production server."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.served.till"]
MIDDLEWARE = [*MIDDLEWARE, "benchmarks.served.gateway.trusted"]
ROOT_URLCONF = "benchmarks.served.urls"
DATABASES["default"]["CONN_MAX_AGE"] = None
if os.environ.get("BENCH_PREPARED", "1") == "1":
    # What the how-to page on deployment advises: plans are kept by the server.
    DATABASES["default"]["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 2}
CRM_ASSIST = {"REUSE_SECONDS": int(os.environ.get("BENCH_REUSE_SECONDS", "0"))}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["benchmarks.served.gateway.TrustedAuthentication"],
}
DEBUG = False
LOGGING_CONFIG = None
