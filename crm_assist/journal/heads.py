"""Signed heads: where a tenant's chain ended, as a line of text that is worth something outside the database.

The signature is an HMAC: whoever has the key can verify, and could also sign. It proves that a line was written by
somebody with the key, which the owner of the database alone does not have.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings as django_settings
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _

from crm_assist.conf import settings
from crm_assist.journal.canonical import canonical

VERSION = 1
PURPOSE = b"crm_assist.head.1"
FIELDS = {
    "version": int,
    "tenant": str,
    "sequence": int,
    "hash": str,
    "rows": int,
    "sealed_at": str,
    "at": str,
    "previous": str,
    "torn": bool,
    "key": str,
    "signature": str,
}
"""What a line holds, and of which type; nothing else."""


class BadHead(ValueError):
    """A line is no head that was signed with a key of ours; says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key to sign with; its name tells keys apart and gives nothing of them away."""

    name: str
    secret: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The last seal of a tenant at a moment, and how many rows the chain up to it covers.

    `previous` is the signature of the line before; `torn` says that what stood between the two was cut off in writing.
    """

    tenant: str
    sequence: int
    hash: str
    rows: int
    sealed_at: datetime
    at: datetime
    previous: str = ""
    torn: bool = False


def keys() -> tuple[Key, ...]:
    """The key that signs, then those that signed before: `SEAL_KEY` and its fallbacks, else Django's own.

    Once there is a `SEAL_KEY`, what Django's keys signed counts only if they stand among its fallbacks.
    """
    if settings.SEAL_KEY:
        given: Sequence[str | bytes] = (settings.SEAL_KEY, *settings.SEAL_KEY_FALLBACKS)
    else:
        given = (django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS)
    return tuple(_key(one) for one in given)


def _key(given: str | bytes) -> Key:
    """Derived for this purpose alone, so that no signature of another kind can pass for one of these."""
    secret = hmac.new(force_bytes(given), PURPOSE, hashlib.sha256).digest()
    return Key(name=hashlib.sha256(secret).hexdigest()[:12], secret=secret)


def signed(head: Head, key: Key) -> str:
    """The head as a line of JSON without its end."""
    body = {
        "version": VERSION,
        "tenant": head.tenant,
        "sequence": head.sequence,
        "hash": head.hash,
        "rows": head.rows,
        "sealed_at": head.sealed_at,
        "at": head.at,
        "previous": head.previous,
        "torn": head.torn,
        "key": key.name,
    }
    return canonical({**body, "signature": _signature(body, key)})


def read(line: str, known: Sequence[Key]) -> Head:
    """The head in a line; BadHead for one that is malformed, of an unknown key, or not as it was signed."""
    body = parsed(line)
    signature = body.pop("signature")
    key = next((one for one in known if one.name == body["key"]), None)
    if key is None:
        raise BadHead(_("is signed with a key that is not known here: %(key)s") % {"key": body["key"][:12]})
    if not hmac.compare_digest(signature, _signature(body, key)):
        raise BadHead(_("was not signed like this: it is forged or was changed"))
    del body["version"], body["key"]
    try:
        moments: dict[str, Any] = {name: datetime.fromisoformat(body.pop(name)) for name in ("sealed_at", "at")}
    except ValueError:
        raise BadHead(_("is no head: its moments cannot be read")) from None
    return Head(**body, **moments)


def parsed(line: str) -> dict[str, Any]:
    """The fields of a line, of whose signature nothing is said; BadHead where they are not those of a head."""
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or set(body) != set(FIELDS):
        raise BadHead(_("is no head"))
    for name, kind in FIELDS.items():
        if type(body[name]) is not kind:
            raise BadHead(_("is no head: its field “%(field)s” cannot be read") % {"field": name})
    if body["version"] != VERSION:
        raise BadHead(_("is of version %(version)s, which is not known here") % {"version": body["version"]})
    if not body["signature"].isascii():
        raise BadHead(_("is no head: its field “%(field)s” cannot be read") % {"field": "signature"})
    return body


def _signature(body: dict[str, Any], key: Key) -> str:
    return hmac.new(key.secret, canonical(body).encode(), hashlib.sha256).hexdigest()
