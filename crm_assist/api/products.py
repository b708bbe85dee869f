"""The catalogue: what can be suggested, its value, its time and its texts in each language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from crm_assist import flow
from crm_assist.api.fields import Described, Moment, Text, Whole, YesNo
from crm_assist.api.shapes import Bounded, Shape, Strict
from crm_assist.api.views import WritingView

MOST = 500
"""The most products that are read or written at once."""

LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"
PARTS = {"name": 200, "benefit": 1000, "details": 5000}
"""The texts of a product in one language, and how long each may be; the first two must be given."""


class Texts(Described):
    """The texts of a product by language."""

    def __init__(self, **options: Any) -> None:
        parts: dict[str, Any] = {name: {"type": "string", "maxLength": longest} for name, longest in PARTS.items()}
        for name in ("name", "benefit"):
            parts[name] |= {"minLength": 1, "pattern": r"\S"}
        one = {"type": "object", "additionalProperties": False, "required": ["name", "benefit"], "properties": parts}
        names = {"pattern": LANGUAGE}
        told = "By language: `name`, `benefit` and, if there are any, `details`."
        schema = {"type": "object", "description": told, "minProperties": 1, "maxProperties": 40}
        super().__init__({**schema, "propertyNames": names, "additionalProperties": one}, **options)

    def to_internal_value(self, data: Any) -> dict[str, dict[str, str]]:
        """The texts, or a fault that names language and part."""
        if not isinstance(data, Mapping) or not 1 <= len(data) <= 40:
            raise ValidationError(_('Give texts by language, such as {"en": {"name": "...", "benefit": "..."}}.'))
        for language, parts in data.items():
            if not re.fullmatch(LANGUAGE, language, re.ASCII):
                raise ValidationError(_("“%(value)s” is not a language, such as en.") % {"value": language[:20]})
            fault = _fault(parts)
            if fault:
                raise ValidationError(_("Language %(language)s: ") % {"language": language} + fault)
        return {language: dict(parts) for language, parts in data.items()}


def _fault(parts: Any) -> str:
    if not isinstance(parts, Mapping) or set(parts) - set(PARTS):
        return _("use only name, benefit and details.")
    for name, longest in PARTS.items():
        text = parts.get(name, "" if name == "details" else None)
        if not isinstance(text, str) or len(text) > longest or (name != "details" and not re.search(r"\S", text)):
            words = {"part": name, "longest": longest}
            return _("%(part)s must be a text of at most %(longest)d characters.") % words
    return ""


class WantedProduct(Strict):
    """A product as an editor gives it; one that is known by its code is changed."""

    code = Text(60, pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")
    target = Text(100, shortest=1, help_text="Whose card predicts it.")
    value = Text(13, pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$", help_text="In its currency, as a text: `120.00`.")
    texts = Texts()
    adapter = Text(100, required=False, help_text="Only for this kind of customer, as `app.Model`; empty: for all.")
    group = Text(60, required=False)
    currency = Text(3, pattern="^[A-Z]{3}$", required=False)
    regulated = YesNo(required=False)
    valid_from = Moment(required=False)
    valid_until = Moment(required=False, allow_null=True)


class KnownProduct(Shape):
    """A product as it stands."""

    code = Text()
    target = Text()
    value = Text()
    texts = Described({"type": "object", "additionalProperties": {"type": "object"}})
    adapter = Text()
    group = Text()
    currency = Text()
    regulated = YesNo()
    valid_from = Moment()
    valid_until = Moment(allow_null=True)
    version = Whole(1, 2**31 - 1)
    changed_at = Moment()


EXAMPLE = {
    "code": "deposit",
    "target": "wants_deposit",
    "value": "120.00",
    "texts": {"en": {"name": "Deposit", "benefit": "Good interest"}},
    "adapter": "",
    "group": "savings",
    "currency": "EUR",
    "regulated": False,
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": None,
}


class ProductsApi(WritingView):
    """The catalogue, by code.

    PUT creates or changes the products that are given, all or none; those left out stay as they are.
    """

    tag = "products"
    largest_body = 1024 * 1024
    example_input = {"products": [EXAMPLE]}

    @property
    def example_output(self) -> Any:
        """The catalogue, or how many changed."""
        known = {"products": [{**EXAMPLE, "version": 1, "changed_at": "2026-01-01T00:00:00Z"}]}
        return known if self.request.method == "GET" else {"changed": 1}

    class InputSerializer(Strict):
        """The products."""

        products = Bounded(WantedProduct(), most=MOST)

    class Catalogue(Shape):
        """The products of the tenant and those of all tenants."""

        products = KnownProduct(many=True)

    class Changed(Shape):
        """How many were new or changed."""

        changed = Whole(0, MOST)

    @property
    def OutputSerializer(self) -> Any:  # type: ignore[override]
        """By what was asked."""
        return self.Catalogue if self.request.method in ("GET", "HEAD") else self.Changed

    def get(self, request: Request) -> HttpResponseBase:
        """The catalogue."""
        return Response(self.shown({"products": flow.products(self.principal, most=MOST)}))

    def put(self, request: Request) -> HttpResponseBase:
        """Create or change."""
        return self.done(request)

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Save them."""
        return {"changed": flow.save_products(self.principal, given["products"], now=timezone.now())}
