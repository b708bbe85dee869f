"""The addresses that are compared: a greeting, plain and by REST, and the score, plain and by REST."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


def hello(request: HttpRequest) -> HttpResponse:
    """The reference: nothing but the framework."""
    return JsonResponse({"hello": "world"})


def hello_signed_in(request: HttpRequest) -> HttpResponse:
    """The same, by a person whose session and account are read."""
    return JsonResponse({"hello": request.user.get_username()})


class Hello(APIView):
    """The greeting by REST."""

    def get(self, request: Request) -> Response:
        """Greet."""
        return Response({"hello": "world"})


urlpatterns = [
    path("hello/", hello),
    path("hello/signed-in/", hello_signed_in),
    path("rest/hello/", Hello.as_view()),
    path("api/assist/", include("crm_assist.api.urls")),
    path("assist/", include("crm_assist.urls")),
]
