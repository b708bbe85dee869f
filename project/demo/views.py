"""The log-in page, which lists the demo's log-ins while they exist."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView

from project.crm.models import AgentProfile
from project.demo.logins import LOGINS, PASSWORD


class DemoLoginView(LoginView):
    """Django's log-in; in DEBUG the page says which log-ins the demo has."""

    template_name = "crm/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the demo's log-ins when there are any."""
        context = super().get_context_data(**kwargs)
        if settings.DEBUG and AgentProfile.objects.filter(is_demo_login=True).exists():
            context["demo_logins"] = LOGINS
            context["demo_password"] = PASSWORD
        return context
