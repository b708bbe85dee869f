"""People who were signed in by a gateway in front of the site, so that authentication asks no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.authentication import BaseAuthentication

HEADER = "HTTP_X_SIGNED_IN"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """What the gateway says of a person."""

    pk: str
    is_authenticated: bool = True
    is_active: bool = True

    def get_username(self) -> str:
        """The person's name."""
        return self.pk


def trusted(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: the person of the gateway's header; without one the session's, as ever."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        name = request.META.get(HEADER)
        if name:
            request.user = Person(pk=name)  # type: ignore[assignment]
        return get_response(request)

    return answer


class TrustedAuthentication(BaseAuthentication):
    """The same person for REST."""

    def authenticate(self, request: Any) -> Any:
        user = getattr(request._request, "user", None)
        return (user, None) if user is not None and user.is_authenticated else None
