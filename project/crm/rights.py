"""Who may see what: one's own branch, or the whole bank; nothing when neither is known."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

WHOLE_BANK = "crm.view_whole_bank"


def sees_whole_bank(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the person may read every branch."""
    return isinstance(user, User) and user.is_active and user.has_perm(WHOLE_BANK)


def branch_of(user: AbstractBaseUser | AnonymousUser) -> int | None:
    """The key of the branch the person works in, or None."""
    if not isinstance(user, User) or not user.is_active:
        return None
    profile = getattr(user, "agent_profile", None)
    return profile.branch_id if profile else None
