"""Who may see the prospects of a campaign."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

VIEW_CAMPAIGN = "campaigns.view_campaign"


def sees_campaign(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the person holds the permission."""
    return isinstance(user, User) and user.is_active and user.has_perm(VIEW_CAMPAIGN)
