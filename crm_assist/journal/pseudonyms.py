"""The names under which customers and agents leave the log: a keyed hash, the same in every export of the same key.

Who lacks the key can neither tell whom a name stands for nor try keys out. The key itself never leaves this process: no
statement that the database could write into its own log holds it. The formula is fixed, so that a host can give its own
data the same names:

    key  = HMAC-SHA256(EXPORT_KEY or SECRET_KEY, "crm_assist.pseudonyms")
    name = "c" or "a" + the first 32 hexadecimal digits of HMAC-SHA256(key, the parts joined by U+001F)

of the model's label, the tenant and the customer's key, or of the tenant and the agent's key.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from django.conf import settings as django_settings

from crm_assist.conf import settings

PURPOSE = b"crm_assist.pseudonyms"
DIGITS = 32
BETWEEN = "\x1f"


def export_key() -> bytes:
    """The key of the names: of `EXPORT_KEY`, or of Django's own secret where that is empty."""
    secret = str(settings.EXPORT_KEY or django_settings.SECRET_KEY)
    return hmac.digest(secret.encode(), PURPOSE, "sha256")


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """How people are called in one export: by pseudonym, or in clear where somebody chose so."""

    clear: bool = False
    key: bytes = field(default_factory=export_key, repr=False)

    def customer(self, *, model_label: str, tenant: str, key: str) -> str:
        """The name of a customer."""
        return key if self.clear else self._pseudonym("c", model_label, tenant, key)

    def agent(self, *, tenant: str, key: str) -> str:
        """The name of an agent; nobody has none."""
        return key if self.clear or not key else self._pseudonym("a", tenant, key)

    @property
    def mark(self) -> str:
        """Tells keys apart without telling anything of them; empty for names in clear."""
        return "" if self.clear else hashlib.sha256(self.key).hexdigest()[:8]

    def _pseudonym(self, kind: str, *parts: str) -> str:
        # The letter in front: a spreadsheet takes digits around an "e" for a number.
        return kind + hmac.digest(self.key, BETWEEN.join(parts).encode(), "sha256").hex()[:DIGITS]
