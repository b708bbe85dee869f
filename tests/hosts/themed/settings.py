"""The desk under a theme of the Django admin, with no line of ours in its admin."""

from __future__ import annotations

import os

from tests.hosts.guest_database import guest_database

THEME = os.environ.get("THEME", "")
THEMES = {"unfold": ["unfold"], "jazzmin": ["jazzmin"], "": []}

INSTALLED_APPS = [
    *THEMES[THEME],
    # Listed before the host on purpose: when it is ready, nothing is registered yet.
    "crm_assist",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "tests.hosts.desk",
    "tests.hosts.themed",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": guest_database(f"themed_{THEME or 'stock'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "the test suite holds no secret"
ROOT_URLCONF = "tests.hosts.themed.urls"
STATIC_URL = "/static/"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
LANGUAGES = [("en", "English"), ("fr", "Français")]
CRM_ASSIST = {"ADMIN_PANEL": True}
CARD = os.environ.get("GUEST_CARD", "")
