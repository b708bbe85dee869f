"""The settings of worker processes: those of the suite, on the very database of the test that started them."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403
from tests.settings import CRM_ASSIST, DATABASES

DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]
CRM_ASSIST = {**CRM_ASSIST, "RUN_STALE_SECONDS": 2, "BATCH_ROWS": 100}

CELERY_BROKER_URL = os.environ["BROKER_URL"]
CELERY_TASK_DEFAULT_QUEUE = os.environ["WORKER_QUEUE"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3, "socket_keepalive": True}
CELERY_BEAT_SCHEDULE = {"crm_assist.resume": {"task": "crm_assist.resume", "schedule": 1.0, "options": {"expires": 5}}}
