"""Why the flow refuses: edges turn these into 403, 404, 409 and 400."""

from __future__ import annotations

from crm_assist.customers import CustomerNotFound
from crm_assist.decisions.answers import AlreadyAnswered, BadAnswer
from crm_assist.rollout.moves import BadMove
from crm_assist.types import Principal


class NotAllowed(Exception):
    """The person lacks a permission."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"The permission crm_assist.{permission} is needed.")
        self.permission = permission


class DecisionNotFound(LookupError):
    """No such decision for this person; whether it exists for others is not told."""


class CardNotFound(LookupError):
    """No such version of a card for this person; whether it exists for others is not told."""


class TargetNotFound(LookupError):
    """No such target for this person; whether it exists for others is not told."""


class SuggestionNotFound(LookupError):
    """No such suggestion for this person; whether it exists for others is not told."""


def require(principal: Principal, permission: str) -> None:
    """Raise NotAllowed unless the person holds the permission."""
    if not principal.may(permission):
        raise NotAllowed(permission)


__all__ = [
    "AlreadyAnswered",
    "BadAnswer",
    "BadMove",
    "CardNotFound",
    "CustomerNotFound",
    "DecisionNotFound",
    "NotAllowed",
    "SuggestionNotFound",
    "TargetNotFound",
    "require",
]
