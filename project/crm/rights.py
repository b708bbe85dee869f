"""Who may see what: one's own branch, or the whole bank; nothing when neither is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

if TYPE_CHECKING:
    from project.crm.models import AgentProfile

WHOLE_BANK = "crm.view_whole_bank"


def sees_whole_bank(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the person may read every branch."""
    return isinstance(user, User) and user.is_active and user.has_perm(WHOLE_BANK)


def profile_of(user: AbstractBaseUser | AnonymousUser) -> AgentProfile | None:
    """Where the person works, or None for somebody who works nowhere or is not logged in."""
    if not isinstance(user, User) or not user.is_active:
        return None
    return getattr(user, "agent_profile", None)


def branch_of(user: AbstractBaseUser | AnonymousUser) -> int | None:
    """The key of the branch the person works in, or None."""
    profile = profile_of(user)
    return profile.branch_id if profile else None
