"""The addresses that are compared: a greeting, plain and by REST, and the score, plain and by REST."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm_assist import customers, flow
from crm_assist.web.score import score_of


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


class Score(APIView):
    """The score by REST: the same one call of the flow."""

    def get(self, request: Request) -> Response:
        """The score of the customer that the address names."""
        principal = customers.principal_of(request._request)
        record = flow.record(principal, request.GET["model"], request.GET["key"], now=timezone.now())
        return Response(score_of(record))


urlpatterns = [
    path("hello/", hello),
    path("hello/signed-in/", hello_signed_in),
    path("rest/hello/", Hello.as_view()),
    path("rest/score/", Score.as_view()),
    path("assist/", include("crm_assist.urls")),
]
