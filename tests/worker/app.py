"""The Celery application of worker processes."""

from __future__ import annotations

from celery import Celery

app = Celery("crew")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["crm_assist"])
