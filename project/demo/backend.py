"""Who may log in: as in Django, but a demo log-in only while DEBUG is on."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, User

from project.crm.models import AgentProfile


class DemoAwareBackend(ModelBackend):
    """Refuses demo log-ins, and sessions they began, as soon as DEBUG is off."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Whether this user may be logged in now."""
        if user is None or user.pk is None or not super().user_can_authenticate(user):
            return False
        return settings.DEBUG or not AgentProfile.objects.filter(user__pk=user.pk, is_demo_login=True).exists()
