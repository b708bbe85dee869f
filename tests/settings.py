"""Settings of the test suite: SQLite, or the PostgreSQL of DATABASE_URL when TEST_DB=postgresql."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from project.database import from_url

ROOT = Path(__file__).resolve().parents[1]

# The demo bank's apps.
PROJECT_APPS: list[str] = ["project.crm", "project.campaigns"]

# Miniature hosts with awkward customer models.
HOST_APPS: list[str] = ["tests.hosts.desk", "tests.hosts.guild", "tests.hosts.shapes"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "crm_assist",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    *PROJECT_APPS,
    *HOST_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
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
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

TEST_DB = os.environ.get("TEST_DB", "sqlite")
DATABASES = {"default": from_url(os.environ["DATABASE_URL"] if TEST_DB == "postgresql" else "sqlite://")}
if TEST_DB == "sqlite":
    # A file: in memory the live server would share one connection, and its savepoints, with the test.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"test_crm_assist_{os.getpid()}.sqlite3")}
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CRM_ASSIST = {"MAX_SUGGESTIONS": 3, "ADMIN_PANEL": True}
SECRET_KEY = "the test suite holds no secret"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.urls"
STATIC_URL = "/static/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

USE_TZ = True
TIME_ZONE = "Europe/Paris"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
