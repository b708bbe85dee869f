"""A project with two apps. What a bare host lacks cannot be imported here."""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from typing import Any

from tests.hosts.guest_database import guest_database

ABSENT = {"rest_framework", "celery", "prometheus_client", "sklearn", "numpy", "scipy", "pandas", "PIL"}


class Absent(MetaPathFinder):
    """Makes importing what is absent fail as it does where it is not installed."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


sys.meta_path.insert(0, Absent())

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
