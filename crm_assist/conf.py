"""Every setting, typed, with its default beside its name, read live from the one dictionary `CRM_ASSIST`."""

from __future__ import annotations

from typing import Any, get_type_hints

from django.conf import settings as django_settings


class Settings:
    """`settings.NAME` is the host's value in `CRM_ASSIST`, or the default below; nothing is cached."""

    MAX_SUGGESTIONS: int = 1
    """How many suggestions an agent may see at once, 1 to 3; one is taken up best."""

    REUSE_SECONDS: int = 900
    """For how long a reload or a poll shows the same decision instead of making a new one."""

    UNDO_SECONDS: int = 60
    """For how long an agent may take an answer back."""

    REJECTION_PAUSE_DAYS: int = 90
    """For how long a product stays away from a customer after a rejection."""

    LATER_DAYS: int = 14
    """When a suggestion put off comes back, if the agent names no day."""

    SUGGESTION_DAYS: int = 30
    """After how many days an unanswered suggestion expires."""

    LEAST_POSITIVES: int = 40
    """How many customers with the outcome a card must have learned from before a screen shows its number."""

    LEAST_EVIDENCE: int = 5
    """How many customers like this one a score must rest on before a screen shows its number."""

    STARTING_EVIDENCE: int = 50
    """How many customers with the outcome the usual rate counts for, where a card learned from too few; 0: nothing."""

    POLL_SECONDS: int = 20
    """How often an open page asks for news, at least 5."""

    COMMENT_LENGTH: int = 500
    """The longest comment that is taken with an answer, in characters."""

    RESCORE_ON_CHANGE: bool = True
    """Whether saving a customer refreshes the stored score at once, after commit."""

    EXPORT_ROWS: int = 1_000_000
    """The most rows one export may hold."""

    EXPORT_KEY: str = ""
    """A secret of at least 16 characters behind the pseudonyms of exports; Django's own when it is empty."""

    BUCKET_SALT: str = "crm_assist"
    """Salt of the stable buckets; changing it moves agents in and out of percentages."""

    EXTRA_SENDERS: tuple[str, ...] = ()
    """Further models whose saving changes a customer, as `app.Model:path_to_customer`."""

    ATTRIBUTION_DAYS: int = 90
    """How long after a decision an outcome still follows from it; later ones are kept and matched to none."""

    SLOW_MS: int = 1000
    """From how many milliseconds on a decision counts as slow and is told as an event."""

    MONITOR_TOKEN: str = ""
    """A secret of at least 16 characters by which programs may read metrics and the details of readiness."""

    ADMIN_PANEL: bool = True
    """Whether the panel and the score column are put into the host's own pages in the Django admin."""

    BATCH_ROWS: int = 250_000
    """The most customers that one transaction of a batch scores; fewer hold locks for a shorter time."""

    RETENTION_DAYS: int = 0
    """After how many days retention empties the payloads of log rows about customers; 0 keeps them."""

    HEAD_FILE: str = ""
    """Where the sealer keeps signed heads of the log, as an absolute path outside the database's reach; or nowhere."""

    SEAL_KEY: str = ""
    """A secret of at least 32 characters that signs the heads; without it, one made from Django's `SECRET_KEY`."""

    SEAL_KEY_FALLBACKS: tuple[str, ...] = ()
    """Keys that signed heads earlier, and that verification still knows."""

    RUN_STALE_SECONDS: int = 90
    """After how many seconds without a heart-beat another process goes on with a run."""

    TASK_SOFT_SECONDS: int = 3_000
    """After how many seconds a task lets its run go, to be resumed; read when the worker starts."""

    TASK_HARD_SECONDS: int = 3_300
    """After how many seconds a task that did not stop is killed; read when the worker starts."""

    def __getattribute__(self, name: str) -> Any:
        if name.isupper():
            return given().get(name, object.__getattribute__(self, name))
        return object.__getattribute__(self, name)


def given() -> dict[str, Any]:
    """What the host set; nothing where `CRM_ASSIST` is no dictionary, which a system check reports."""
    values = getattr(django_settings, "CRM_ASSIST", {})
    return values if isinstance(values, dict) else {}


def declared() -> dict[str, type]:
    """The names of all settings and the type each must have."""
    return {name: hint for name, hint in get_type_hints(Settings).items() if name.isupper()}


settings = Settings()
