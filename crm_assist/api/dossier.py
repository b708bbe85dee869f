"""A customer's dossier for those with a right of its own, as JSON or as a page that needs no server to be read."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework.request import Request

from crm_assist import flow
from crm_assist.api.decisions import AnyFormat
from crm_assist.api.fields import Code, Text
from crm_assist.api.shapes import Query
from crm_assist.api.views import ApiView
from crm_assist.web import dossier_files
from crm_assist.web.dossier import asks_names, filename
from crm_assist.web.dossier_files import FORMATS
from crm_assist.web.streaming import streamed


class DossierApi(ApiView):
    """Everything that is read and kept about one customer, in plain words, in the language of the request; streamed."""

    tag = "decisions"
    content_negotiation_class = AnyFormat
    example_query = {"model": "crm.Customer", "key": "42"}

    class QuerySerializer(Query):
        """Whose dossier, and in which form."""

        model = Text(100, help_text="The kind of customer, as `app.Model`.")
        key = Text(255, help_text="The customer's key.")
        format = Code(FORMATS, required=False, default="json")
        agents = Code(("0", "1"), required=False, default="0", help_text="1: agents are named; needs `view_log` too.")

    def answers(self) -> dict[Any, Any]:
        """In either form."""
        told = "The customer, purposes, data, consent, outcomes, rights, and each decision with its reasons."
        examples: dict[str, Any] = {"json": {"dossier": 1, "decisions": []}, "html": "<!doctype html>"}
        kinds = {"json": {"type": "object"}, "html": {"type": "string"}}
        return {
            (200, media.partition(";")[0]): OpenApiResponse(
                kinds[name], description=told, examples=[OpenApiExample(name, value=examples[name])]
            )
            for name, media in FORMATS.items()
        }

    def get(self, request: Request) -> HttpResponseBase:
        """See the view."""
        named = asks_names(self.principal, self.query["agents"])
        found = flow.dossier(self.principal, self.query["model"], self.query["key"], now=timezone.now())
        chosen = self.query["format"]
        if chosen == "html":
            pieces = dossier_files.as_html(found, dossier_files.alone, named=named)
        else:
            pieces = dossier_files.as_json(found, named=named)
        response = streamed(request._request, dossier_files.spoken(pieces), content_type=FORMATS[chosen])
        response["Content-Disposition"] = f'attachment; filename="{filename(found)}.{chosen}"'
        return response
