"""Where Celery finds background work; without Celery there is nothing here, and nothing fails.

Names are stable: `crm_assist.rescore`, `.sweep`, `.refit`, `.seal`, `.retain`, `.count`, `.resume`,
`.tell_outcomes`.
"""

from __future__ import annotations

try:
    from crm_assist.tasks.celery import count, refit, rescore, resume, retain, seal, sweep, tell_outcomes
except ModuleNotFoundError as absent:
    if absent.name != "celery":
        raise
else:
    __all__ = ["count", "refit", "rescore", "resume", "retain", "seal", "sweep", "tell_outcomes"]
