"""What a card may be published for: the purpose it was fitted for, and no other.

A score that finds who would like an offer says nothing fair about who may have credit, at which price, or a job: such
decisions have rules of their own (in the European Union those for high-risk systems), which nothing here was made for.
"""

from __future__ import annotations

from .errors import CardError, shown
from .parts import Purpose

MEMBERS = {"use": "use", "target": "target", "adapter": "kind of customer", "horizon_days": "horizon"}
"""What must not change once it is said, and what it is called; the label may be worded anew."""


def check_purpose(fitted: Purpose, wanted: Purpose) -> None:
    """Raise CardError unless all that `fitted` says is what `wanted` says; what it leaves open fits anything."""
    for member, name in MEMBERS.items():
        said, asked = getattr(fitted, member), getattr(wanted, member)
        if said not in ("", None) and asked not in ("", None) and said != asked:
            raise CardError(
                f"the card was fitted for the {name} {shown(said)}, not for {shown(asked)}; "
                "a score serves the purpose it was fitted for: fit a card for this one"
            )
