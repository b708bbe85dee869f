"""The timetable of background work for Celery's beat, as a plain dictionary to be put into Django's settings.

It is read while settings are: nothing of ours is imported here, and of Django its exceptions alone.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from crm_assist.packages import remedy


def beat_schedule(
    *,
    night: str = "1",
    refit_day: str = "sun",
    seal_minutes: int = 10,
    count_minutes: int = 15,
    resume_seconds: float = 60.0,
) -> dict[str, dict[str, Any]]:
    """Entries for `CELERY_BEAT_SCHEDULE`: seals and counts every few minutes, the rest at night, refits once a week.

    `night` is the hour in which the sweep starts; scores, retention and refits follow one, two and three hours later.
    """
    try:
        # Celery is an extra, and whoever asks for its timetable has it.
        from celery.schedules import crontab
    except ModuleNotFoundError as absent:
        raise ImproperlyConfigured(f"the timetable is for Celery: {remedy('worker')}; or use cron") from absent

    hours = [str((int(night) + later) % 24) for later in range(4)]
    return {
        "crm_assist.resume": {
            "task": "crm_assist.resume",
            "schedule": resume_seconds,
            "options": {"expires": resume_seconds},
        },
        "crm_assist.seal": {
            "task": "crm_assist.seal",
            "schedule": crontab(minute=f"*/{seal_minutes}"),
            "options": {"expires": seal_minutes * 60},
        },
        "crm_assist.count": {
            "task": "crm_assist.count",
            "schedule": crontab(minute=f"*/{count_minutes}"),
            "options": {"expires": count_minutes * 60},
        },
        "crm_assist.sweep": {"task": "crm_assist.sweep", "schedule": crontab(minute="10", hour=hours[0])},
        "crm_assist.rescore": {"task": "crm_assist.rescore", "schedule": crontab(minute="30", hour=hours[1])},
        "crm_assist.retain": {"task": "crm_assist.retain", "schedule": crontab(minute="30", hour=hours[2])},
        "crm_assist.refit": {
            "task": "crm_assist.refit",
            "schedule": crontab(minute="0", hour=hours[3], day_of_week=refit_day),
        },
    }
