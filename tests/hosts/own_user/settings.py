"""A project with its own user model; the admin is not installed."""

from __future__ import annotations

import os

from tests.hosts.guest_database import guest_database

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "crm_assist",
    "tests.hosts.own_user",
]
AUTH_USER_MODEL = "own_user.Human"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {"default": guest_database("own_user")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "the test suite holds no secret"
ROOT_URLCONF = "tests.hosts.bare.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
ALLOWED_HOSTS = ["*"]
USE_TZ = True
CARD = os.environ.get("GUEST_CARD", "")
