"""Checks of the dictionary `CRM_ASSIST`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error

from crm_assist import conf
from crm_assist.customers.detection import BadSender, sender_of

TOKEN_LENGTH = 16
KEY_LENGTH = 32
SECRETS = ("MONITOR_TOKEN", "EXPORT_KEY", "SEAL_KEY", "SEAL_KEY_FALLBACKS")
"""What no message may show."""

RANGES: dict[str, tuple[int, int]] = {
    "MAX_SUGGESTIONS": (1, 3),
    "REUSE_SECONDS": (0, 86_400),
    "UNDO_SECONDS": (0, 86_400),
    "REJECTION_PAUSE_DAYS": (0, 3_650),
    "LATER_DAYS": (1, 365),
    "SUGGESTION_DAYS": (1, 365),
    "LEAST_POSITIVES": (0, 1_000_000),
    "LEAST_EVIDENCE": (0, 1_000_000),
    "STARTING_EVIDENCE": (0, 1_000_000),
    "POLL_SECONDS": (5, 3_600),
    "COMMENT_LENGTH": (0, 10_000),
    "EXPORT_ROWS": (1, 100_000_000),
    "ATTRIBUTION_DAYS": (1, 3_650),
    "BATCH_ROWS": (1, 1_000_000),
    "RETENTION_DAYS": (0, 36_500),
    "RUN_STALE_SECONDS": (2, 86_400),
    "TASK_SOFT_SECONDS": (1, 604_800),
    "TASK_HARD_SECONDS": (1, 604_800),
    "SLOW_MS": (1, 600_000),
}
"""The least and the most that a number may be."""


def check_settings(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E001 no dictionary, E002 unknown name, E003 wrong type, E004 out of range, E005 a sender that leads nowhere.

    E006: times without a zone, which the log cannot keep. E007: a secret that can be guessed. E008: limits of a task
    in the wrong order. E009: a key for heads that can be guessed, or a file for them that is no absolute path.
    """
    return [*_time_zone(), *_dictionary()]


def _time_zone() -> list[CheckMessage]:
    if django_settings.USE_TZ:
        return []
    hint = "Set USE_TZ = True; the log keeps moments that mean the same on every machine."
    return [Error("USE_TZ is off.", hint=hint, id="crm_assist.E006")]


def _dictionary() -> list[CheckMessage]:
    values = getattr(django_settings, "CRM_ASSIST", {})
    if not isinstance(values, dict):
        message = f"CRM_ASSIST is a {type(values).__name__}, not a dictionary."
        return [Error(message, hint='Write CRM_ASSIST = {"NAME": value, ...} in your settings.', id="crm_assist.E001")]
    known = conf.declared()
    messages: list[CheckMessage] = []
    for name, value in values.items():
        messages += _fault_of(name, value, known)
    return messages or _limits()


def _limits() -> list[CheckMessage]:
    soft, hard = conf.settings.TASK_SOFT_SECONDS, conf.settings.TASK_HARD_SECONDS
    if soft < hard:
        return []
    message = f"CRM_ASSIST['TASK_SOFT_SECONDS'] is {soft}, not below TASK_HARD_SECONDS, {hard}."
    hint = "Leave a task some seconds between the two, in which it lets its run go instead of being killed."
    return [Error(message, hint=hint, id="crm_assist.E008")]


def _fault_of(name: Any, value: Any, known: dict[str, type]) -> list[CheckMessage]:
    if name not in known:
        return [_unknown(name, known)]
    if not _fits(value, known[name]):
        shown = "given" if name in SECRETS else repr(value)
        return [
            Error(
                f"CRM_ASSIST[{name!r}] is {shown}, a {type(value).__name__}.",
                hint=f"Give it the type {_words(known[name])}.",
                id="crm_assist.E003",
            )
        ]
    if name in RANGES and not RANGES[name][0] <= value <= RANGES[name][1]:
        low, high = RANGES[name]
        hint = f"Choose a number from {low} to {high}."
        return [Error(f"CRM_ASSIST[{name!r}] is {value!r}.", hint=hint, id="crm_assist.E004")]
    if name in ("MONITOR_TOKEN", "EXPORT_KEY"):
        return _secret(name, value)
    if name in ("SEAL_KEY", "HEAD_FILE"):
        return _key(value) if name == "SEAL_KEY" else _head_file(value)
    return _senders(value) if name == "EXTRA_SENDERS" else []


def _key(value: str) -> list[CheckMessage]:
    if not value or len(value) >= KEY_LENGTH:
        return []
    hint = f"Use at least {KEY_LENGTH} random characters, or leave it empty to sign with a key made from SECRET_KEY."
    return [Error("CRM_ASSIST['SEAL_KEY'] can be guessed.", hint=hint, id="crm_assist.E009")]


def _head_file(value: str) -> list[CheckMessage]:
    if not value or Path(value).is_absolute():
        return []
    hint = "Give an absolute path: a worker may run in another folder than the web server."
    return [Error(f"CRM_ASSIST['HEAD_FILE'] is {value!r}.", hint=hint, id="crm_assist.E009")]


def _secret(name: str, value: str) -> list[CheckMessage]:
    if not value or (len(value) >= TOKEN_LENGTH and value.isascii() and value.isprintable() and " " not in value):
        return []
    hint = f"Use at least {TOKEN_LENGTH} letters, digits and signs of ASCII without a space, or leave it empty."
    return [Error(f"CRM_ASSIST[{name!r}] can be guessed or not be sent.", hint=hint, id="crm_assist.E007")]


def _unknown(name: Any, known: dict[str, type]) -> CheckMessage:
    near = get_close_matches(str(name).upper(), known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Remove it; the settings are {', '.join(sorted(known))}."
    return Error(f"CRM_ASSIST has no setting {name!r}.", hint=hint, id="crm_assist.E002")


def _fits(value: Any, kind: type) -> bool:
    if get_origin(kind) is tuple:
        return isinstance(value, tuple | list) and all(isinstance(item, str) for item in value)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, kind)


def _words(kind: type) -> str:
    return "list of texts" if get_origin(kind) is tuple else kind.__name__


def _senders(entries: Sequence[str]) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for entry in entries:
        try:
            sender_of(entry)
        except BadSender as error:
            hint = "Write app.Model:path, where the path leads from a row to one registered customer."
            messages.append(Error(f"CRM_ASSIST['EXTRA_SENDERS']: {error}", hint=hint, id="crm_assist.E005"))
    return messages
