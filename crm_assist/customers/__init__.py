"""Ground: the host's customers, seen through one adapter each, and the subjects that stand for them.

A host imports this in `assist.py`, or earlier: what needs our models is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crm_assist.customers.adapter import CustomerAdapter
from crm_assist.customers.answers import facts, facts_of, silent_keys
from crm_assist.customers.keys import BadKey
from crm_assist.customers.notices import (
    MergeRefused,
    changed,
    erased,
    gone,
    merged,
    notify_changed,
    notify_erased,
    notify_merged,
)
from crm_assist.customers.principal import NOBODY, PERMISSIONS
from crm_assist.customers.registration import adapter_for, adapters, key_of, register, registered
from crm_assist.customers.visibility import (
    CustomerNotFound,
    load,
    principal_of,
    resolve,
    visible_to,
    who_asks,
    with_key,
)
from crm_assist.registry import AlreadyRegistered, NotRegistered

if TYPE_CHECKING:
    from crm_assist.customers.models import Subject
    from crm_assist.customers.subjects import (
        end_of,
        erase,
        family,
        mark_back,
        mark_gone,
        merge,
        subject_for,
    )
    from crm_assist.customers.sweeping import Swept, sweep

_LATER = {
    "Subject": "models",
    **dict.fromkeys(
        ("end_of", "erase", "family", "mark_back", "mark_gone", "merge", "subject_for"),
        "subjects",
    ),
    **dict.fromkeys(("Swept", "sweep"), "sweeping"),
}
"""Names whose module imports our models, which Django forbids before its apps are ready."""

__all__ = [
    "NOBODY",
    "PERMISSIONS",
    "AlreadyRegistered",
    "BadKey",
    "CustomerAdapter",
    "CustomerNotFound",
    "MergeRefused",
    "NotRegistered",
    "Subject",
    "Swept",
    "adapter_for",
    "adapters",
    "changed",
    "end_of",
    "erase",
    "erased",
    "facts",
    "facts_of",
    "family",
    "gone",
    "key_of",
    "load",
    "mark_back",
    "mark_gone",
    "merge",
    "merged",
    "notify_changed",
    "notify_erased",
    "notify_merged",
    "principal_of",
    "register",
    "registered",
    "resolve",
    "silent_keys",
    "subject_for",
    "sweep",
    "visible_to",
    "who_asks",
    "with_key",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
