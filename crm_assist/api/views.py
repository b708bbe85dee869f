"""What every view of the API does around its one call of the flow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from crm_assist import customers, flow
from crm_assist.api.documenting import Documented
from crm_assist.api.faults import misread, told
from crm_assist.api.parsing import StrictJSONParser, too_large
from crm_assist.api.shapes import Query, Shape, Strict, shape_of
from crm_assist.types import Principal
from crm_assist.web import edge, problems

BODY = 64 * 1024
"""The most bytes of a body, where a view does not say otherwise."""


class ApiView(APIView):
    """A view in the host's own authentication, permissions, throttles and renderers, behind a guard of ours."""

    parser_classes = (StrictJSONParser,)
    # The version is in our address, whatever the host's scheme for its own API is.
    versioning_class = None
    schema = Documented()
    # We have no queryset that model permissions could be read from; ours are asked by the flow.
    _ignore_model_permissions = True

    largest_body: ClassVar[int] = BODY
    QuerySerializer: ClassVar[type[Query]] = Query
    InputSerializer: ClassVar[type[Strict] | None] = None
    OutputSerializer: ClassVar[type[Shape] | None] = None
    example_query: ClassVar[Mapping[str, Any]] = {}
    example_input: ClassVar[Any] = None
    example_output: ClassVar[Any] = None
    tag: ClassVar[str] = ""
    status: ClassVar[int] = 200
    refuses: ClassVar[tuple[int, ...]] = ()
    """Statuses beside those of every view by which it may refuse, for the description."""
    headers_read: ClassVar[Sequence[OpenApiParameter]] = ()
    """Request headers that the view listens to, for the description."""

    principal: Principal = customers.NOBODY
    query: Mapping[str, Any] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Closed to nobody and to unknown parameters, whatever the host's permissions let through."""
        if _announced(request) > self.largest_body:
            raise too_large(self.largest_body)
        super().initial(request, *args, **kwargs)
        label = request.query_params.get("model", "")
        self.principal = customers.who_asks(request, customers.adapters().get(label))
        if not self.principal.key:
            raise exceptions.NotAuthenticated(problems.signed_out().detail)
        if request.method not in self.allowed_methods:
            raise exceptions.MethodNotAllowed(request.method or "")
        if label and label not in customers.adapters():
            raise customers.CustomerNotFound
        self.query = shape_of(self.QuerySerializer).run_validation(request.query_params)

    def given(self, request: Request) -> dict[str, Any]:
        """The body by the view's own shape."""
        data = request.data
        if not isinstance(data, dict):
            # Without a body the framework gives an empty form, whatever the content type.
            data = {} if not data and not isinstance(data, list | str | int | float | None) else data
        assert self.InputSerializer is not None
        shape = self.InputSerializer(data=data)
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def shown(self, value: Any) -> Any:
        """A value in the view's own shape."""
        assert self.OutputSerializer is not None
        return shape_of(self.OutputSerializer).to_representation(value)

    def answers(self) -> dict[Any, Any]:
        """What is answered when all is well, for the description."""
        return {self.status: OpenApiResponse(self.OutputSerializer, description="As asked.")}

    def handle_exception(self, exc: Exception) -> Any:
        """Every failure is a problem in JSON, whatever the host's own handler would say."""
        if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            exc.auth_header = self.get_authenticate_header(self.request)  # type: ignore[union-attr]
        edge.roll_back()
        answer = told(exc)
        response = problems.as_json(answer.problem, **answer.more)
        for name, value in answer.headers.items():
            response[name] = value
        return response

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Nothing personal in a cache."""
        done: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        done["Cache-Control"] = "private, no-store"
        done["X-Content-Type-Options"] = "nosniff"
        patch_vary_headers(done, ("Cookie", "Authorization", "Accept-Language"))
        return done


def _announced(request: Request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class WritingView(ApiView):
    """A view that changes something: parse, one call, answer; at most once for each Idempotency-Key."""

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """The one call of the flow; what it returns is shown."""
        raise exceptions.MethodNotAllowed(self.request.method or "")

    def done(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Do it, or answer as the first time."""
        given = self.given(request)
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return Response(json.loads(self._act(given, kwargs).body), status=self.status)
        if not 1 <= len(key) <= 64 or not all("!" <= character <= "~" for character in key):
            raise misread(_("Use 1 to 64 visible characters of ASCII."), "Idempotency-Key")
        answer = flow.once(
            self.principal,
            key,
            request=_digest(request),
            act=lambda: self._act(given, kwargs),
            now=timezone.now(),
        )
        headers = {"Idempotency-Replayed": "true"} if answer.repeated else None
        return Response(json.loads(answer.body), status=answer.status, headers=headers)

    def _act(self, given: dict[str, Any], kwargs: dict[str, Any]) -> flow.Answer:
        shown = self.shown(self.write(given, **kwargs))
        return flow.Answer(status=self.status, body=json.dumps(shown, cls=JSONEncoder))


class PostView(WritingView):
    """Written by POST."""

    def post(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """See the view."""
        return self.done(request, **kwargs)


def _digest(request: Request) -> str:
    """What was asked, so that another request under the same key is known as another."""
    body = json.dumps(request.data, sort_keys=True, cls=JSONEncoder)
    source = f"{request.method} {request.path}?{request.META.get('QUERY_STRING', '')}\n{body}"
    return sha256(source.encode()).hexdigest()


def not_found(request: Any, **kwargs: Any) -> HttpResponse:
    """Whatever else lies below our prefix: a problem, as for everything that is not here."""
    return problems.as_json(problems.not_found())
