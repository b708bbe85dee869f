"""What the OpenAPI description says of a view, read from the view itself: its shapes, examples and refusals."""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from crm_assist.api.shapes import Bounded, Strict

PROBLEM = "application/problem+json"
PROBLEM_SHAPE = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["status", "code", "title", "detail"],
    "properties": {
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Stable, for programs."},
        "title": {"type": "string", "description": "For people, in the language of the request."},
        "detail": {"type": "string", "description": "What to do about it."},
        "field": {"type": "string", "description": "What it is about, such as `outcomes[3].kind`."},
        "errors": {
            "type": "array",
            "description": "Every fault, where there are several fields.",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
CONFLICT_SHAPE = {
    **PROBLEM_SHAPE,
    "properties": {
        **PROBLEM_SHAPE["properties"],  # type: ignore[dict-item]
        "suggestion": {"type": "object", "description": "Where the suggestion stands now."},
    },
}

ALWAYS = (400, 401, 403, 404, 406, 429, 503)
"""What any operation may refuse with."""

WITH_BODY = (409, 413, 415, 422)
"""What an operation with a body may refuse with besides."""

REFUSALS: dict[int, tuple[str, str, str, str]] = {
    400: ("bad_value", "The request does not follow this description.", "This cannot be used.", "kind"),
    401: ("signed_out", "Nobody is signed in.", "You are signed out.", ""),
    403: ("not_allowed", "A permission is missing.", "You may not do this.", ""),
    404: ("not_found", "Unknown, invisible and another tenant's alike.", "There is nothing here.", ""),
    406: ("not_acceptable", "No such format.", "This cannot be given in the form that was asked for.", ""),
    409: ("already_answered", "Somebody was faster, or the first request with the key is still at work.", "", ""),
    413: ("too_large", "The body is too large.", "The body is too large.", ""),
    415: ("not_json", "The body is not JSON.", "Send the body as JSON (application/json).", ""),
    422: ("bad_value", "The request is well formed, but cannot be done.", "This cannot be used.", "until"),
    429: ("throttled", "The host's own throttle.", "These are too many requests; wait a little.", ""),
    503: ("away", "Something of ours is broken; the work goes on without it.", "Help is away for the moment.", ""),
}
"""Of each refusal its code, meaning, title and the field of the example."""

KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": r"^[!-~]{1,64}$"},
    OpenApiParameter.HEADER,
    description="The same key within a day is the same request: it is done once and answered alike.",
    examples=[OpenApiExample("key", value="7f0a3c1e-branch-north-0042")],
)
MODEL = OpenApiParameter(
    "model",
    {"type": "string", "maxLength": 255},
    OpenApiParameter.QUERY,
    description="The kind of customer, where the host knows its people differently for each.",
)


describing: ContextVar[bool] = ContextVar("crm_assist_describing", default=False)
"""Whether our own description is being made now."""


class Documented(AutoSchema):
    """The description of one view, without a decorator on it; the host's own description leaves our views out."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        """Nothing, which the framework takes for "leave this view out", unless ours is being made."""
        return super().__get__(instance, owner) if describing.get() else None

    @property
    def _asked(self) -> Any:
        """Our view; the framework knows it as any view."""
        return self.view

    def get_operation_id(self) -> str:
        """The view's name in snake case: `RespondApi` is `respond`."""
        name = _bare(type(self.view).__name__)
        verb = "" if self.method != "PUT" else "_save"
        return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).lstrip("_") + verb

    def get_summary(self) -> str | None:
        """The view's promise."""
        return (inspect.getdoc(type(self.view)) or "").partition("\n")[0].rstrip(".:") or None

    def get_description(self) -> str:  # type: ignore[override]
        """The view's docstring."""
        return inspect.getdoc(type(self.view)) or ""

    def get_tags(self) -> list[str]:
        """The part of the product that the view belongs to."""
        return [self._asked.tag]

    def get_override_parameters(self) -> list[Any]:
        """The address's parameters by the view's own shape, and the key of a request that writes."""
        shape = self._asked.QuerySerializer()
        return [
            *([] if "model" in shape.fields else [MODEL]),
            *([shape] if shape.fields else []),
            *([KEY] if self.method == "POST" else []),
            *self._asked.headers_read,
        ]

    def get_request_serializer(self) -> Any:
        """The body's shape."""
        return self._asked.InputSerializer if self.method in ("POST", "PUT") else None

    def get_response_serializers(self) -> Any:
        """What is answered, and every way to be refused."""
        has_body = self._asked.InputSerializer is not None and self.method in ("POST", "PUT")
        refusals = {
            code: _refused(code) for code in sorted({*ALWAYS, *(WITH_BODY if has_body else ()), *self._asked.refuses})
        }
        return {**self._asked.answers(), **{(code, PROBLEM): told for code, told in refusals.items()}}

    def get_examples(self) -> list[OpenApiExample]:
        """One example of the request, of each parameter and of the answer."""
        view, found = self._asked, []
        if view.example_input is not None and self.method in ("POST", "PUT"):
            found.append(OpenApiExample("request", value=view.example_input, request_only=True))
        if view.example_output is not None:
            codes = [str(view.status)]
            found.append(OpenApiExample("answer", value=view.example_output, response_only=True, status_codes=codes))
        for name, value in view.example_query.items():
            found.append(OpenApiExample(name, value=value, parameter_only=(name, OpenApiParameter.QUERY)))
        return found

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """`RespondApi.InputSerializer` is `RespondInput`: nested names alone are all alike."""
        owner, _dot, name = type(serializer).__qualname__.rpartition(".")
        return f"{_bare(owner)}{name.removesuffix('Serializer')}"

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: Any = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        return {**schema, "minItems": 1, "maxItems": field.most} if isinstance(field, Bounded) else schema

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return {**schema, "additionalProperties": False} if isinstance(serializer, Strict) else schema


def _bare(name: str) -> str:
    return name.removesuffix("Api")


def _refused(code: int) -> OpenApiResponse:
    named, meaning, title, field = REFUSALS[code]
    value = {"status": code, "code": named, "title": title or meaning, "detail": meaning}
    value |= {"field": field} if field else {}
    example = OpenApiExample(named, value=value)
    shape = CONFLICT_SHAPE if code == 409 else PROBLEM_SHAPE
    return OpenApiResponse(shape, description=meaning, examples=[example])
