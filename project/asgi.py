"""What uvicorn serves; while DEBUG is on it serves the static files as well."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIHandler

application: ASGIHandler = get_asgi_application()
if settings.DEBUG:
    application = ASGIStaticFilesHandler(application)
