"""A project with two apps. What a bare host lacks cannot be imported here."""

from __future__ import annotations

import os
import sys

from tests.hosts.guest_database import guest_database

for name in ("rest_framework", "celery", "sklearn", "numpy", "scipy", "pandas", "PIL"):
    sys.modules[name] = None  # type: ignore[assignment]

INSTALLED_APPS = ["crm_assist", "tests.hosts.bare"]
DATABASES = {"default": guest_database("bare")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "the test suite holds no secret"
ROOT_URLCONF = "tests.hosts.bare.urls"
MIDDLEWARE: list[str] = []
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
ALLOWED_HOSTS = ["*"]
USE_TZ = True
CARD = os.environ.get("GUEST_CARD", "")
