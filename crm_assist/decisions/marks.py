"""The host's own ids, kept as marks that can be compared and not read."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "crm_assist.outcome"
"""Part of the key: changing it makes every id unknown."""


def marks(tenant: str, source: str, external_id: str) -> tuple[str, ...]:
    """The marks of an id (64 hexadecimal digits): by the secret key in force, then by each of the former ones.

    Who holds neither key can learn nothing from a mark; the same id elsewhere has another one.
    """
    text = "\x00".join((tenant, source, external_id))
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(salted_hmac(SALT, text, secret=key, algorithm="sha256").hexdigest() for key in keys)
