"""Where Celery finds background work; without Celery there is nothing here, and nothing fails.

Names are stable: `crm_assist.rescore`, `.sweep`, `.refit`, `.seal`, `.retain`, `.resume`.
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("celery") is not None:
    from crm_assist.tasks.celery import refit, rescore, resume, retain, seal, sweep

    __all__ = ["refit", "rescore", "resume", "retain", "seal", "sweep"]
