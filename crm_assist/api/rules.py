"""Business rules: what is asked of customers before a product is suggested, written by version and never edited."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm_assist import flow
from crm_assist.api.fields import Code, Described, Moment, Text, Whole, YesNo
from crm_assist.api.shapes import Bounded, Shape, Strict
from crm_assist.api.views import ApiView, PostView, WritingView
from crm_assist.eligibility.rulebook import texts_of
from crm_assist.eligibility.rules.document import MOST_BYTES
from crm_assist.eligibility.rules.facts import RuleStep

MOST, MOST_VERSIONS = 500, 100
STEPS = tuple(step.value for step in RuleStep)
DOCUMENT: dict[str, Any] = {"schema": 1, "rule": {"feature": "balance", "at_least": 1000}}
TOLD = 'As `{"schema": 1, "rule": NODE}`; see the page on rules for what a node may be.'
WORDS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"closed": {"type": "string", "maxLength": 500}, "need": {"type": "string", "maxLength": 500}},
}
TEXTS: dict[str, Any] = {
    "type": "object",
    "maxProperties": 40,
    "description": "By language: `closed` is told when the rule closes, `need` when a suitability rule holds.",
    "propertyNames": {"pattern": r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"},
    "additionalProperties": WORDS,
}


class Document(Described):
    """The condition of a rule."""

    def __init__(self, **options: Any) -> None:
        schema = {"type": "object", "additionalProperties": {}, "description": TOLD, "maxProperties": 2}
        super().__init__(schema, **options)


class WantedRule(Strict):
    """A rule as an editor gives it; one that is known by its code gets a new version."""

    code = Text(60, pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")
    step = Code(STEPS)
    adapter = Text(100, shortest=1, help_text="The kind of customer, as `app.Model`.")
    document = Document()
    product = Text(60, required=False, help_text="Only for this product; empty, with no group: for all.")
    group = Text(60, required=False)
    texts = Described(TEXTS, required=False)
    valid_from = Moment(required=False)
    valid_until = Moment(required=False, allow_null=True)


class KnownRule(Shape):
    """A version of a rule; the sentence is empty where it cannot be read today, so that it closes what it concerns."""

    code = Text()
    version = Whole(1, 2**31 - 1)
    step = Code(STEPS)
    adapter = Text()
    product = Text()
    group = Text()
    document = Described({"type": "object", "additionalProperties": {}})
    texts = Described({"type": "object", "additionalProperties": {"type": "object"}})
    sentence = Text()
    valid_from = Moment()
    valid_until = Moment(allow_null=True)
    withdrawn = YesNo()
    at = Moment()
    by = Text()
    reason = Text()


def shown(view: flow.RuleView) -> dict[str, Any]:
    """A version as it is told."""
    version = view.version
    names = [str(name) for name in KnownRule().fields]
    told = {name: getattr(version, name) for name in names if name not in ("sentence", "document", "texts")}
    return told | {"sentence": view.sentence, "document": json.loads(version.document), "texts": texts_of(version)}


EXAMPLE = {
    "code": "reserve",
    "step": "suitability",
    "adapter": "bank.Customer",
    "document": DOCUMENT,
    "product": "deposit",
    "texts": {"en": {"need": "A reserve stays at hand."}},
}
KNOWN = {
    **EXAMPLE,
    "group": "",
    "version": 1,
    "sentence": "Balance: at least €1,000.",
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": None,
    "withdrawn": False,
    "at": "2026-01-01T00:00:00Z",
    "by": "7",
    "reason": "Asked by the branch",
}


class RulesApi(WritingView):
    """The newest version of each rule, by code, withdrawn ones too.

    PUT writes a new version of each rule that is given and differs, all or none; those left out stay as they are.
    """

    tag = "rules"
    largest_body = 1024 * 1024
    example_input = {"rules": [EXAMPLE], "reason": "Asked by the branch"}

    @property
    def example_output(self) -> Any:
        """The rules, or how many were written."""
        return {"rules": [KNOWN]} if self.request.method == "GET" else {"written": 1}

    class InputSerializer(Strict):
        """The rules, and why."""

        rules = Bounded(WantedRule(), most=MOST)
        reason = Text(500, shortest=1)

    class Rulebook(Shape):
        """The rules of the tenant and those of all tenants."""

        rules = KnownRule(many=True)

    class Written(Shape):
        """How many versions were written."""

        written = Whole(0, MOST)

    @property
    def OutputSerializer(self) -> Any:  # type: ignore[override]
        """By what was asked."""
        return self.Rulebook if self.request.method in ("GET", "HEAD") else self.Written

    def get(self, request: Request) -> HttpResponseBase:
        """The rulebook."""
        return Response(self.shown({"rules": [shown(view) for view in flow.rules(self.principal, most=MOST)]}))

    def put(self, request: Request) -> HttpResponseBase:
        """Write new versions."""
        return self.done(request)

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Save them."""
        now = timezone.now()
        return {"written": flow.save_rules(self.principal, given["rules"], reason=given["reason"], now=now)}


class RuleVersionsApi(ApiView):
    """Every version of one rule, the newest first."""

    tag = "rules"
    example_output = {"versions": [KNOWN]}

    class OutputSerializer(Shape):
        """The latest versions."""

        versions = KnownRule(many=True)

    def get(self, request: Request, code: str) -> HttpResponseBase:
        """See the view."""
        found = flow.rule_versions(self.principal, code, most=MOST_VERSIONS)
        return Response(self.shown({"versions": [shown(view) for view in found]}))


class WithdrawRuleApi(PostView):
    """Take a rule out of force, by a version that says so."""

    tag = "rules"
    example_input = {"reason": "No longer needed"}
    example_output = {"code": "reserve", "version": 2}

    class InputSerializer(Strict):
        """Why."""

        reason = Text(500, shortest=1)

    class OutputSerializer(Shape):
        """The version that says so."""

        code = Text()
        version = Whole(1, 2**31 - 1)

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Withdraw it."""
        return flow.withdraw_rule(self.principal, kwargs["code"], reason=given["reason"], now=timezone.now())


class RemarkShape(Shape):
    """Something to think over before the rule is saved."""

    code = Text()
    message = Text()


class RuleEffectApi(PostView):
    """What a rule would do today: its sentence and whom it would leave out. Nothing is written."""

    tag = "rules"
    largest_body = 4 * MOST_BYTES
    example_input = {"adapter": "bank.Customer", "document": DOCUMENT}
    example_output = {
        "sentence": "Balance: at least €1,000.",
        "customers": 5000,
        "kept": 3100,
        "removed": 1900,
        "unknown": 0,
        "remarks": [],
    }

    class InputSerializer(Strict):
        """The condition, and of which kind of customer it is."""

        adapter = Text(100, shortest=1)
        document = Document()

    class OutputSerializer(Shape):
        """Its reach over the tenant's whole base."""

        sentence = Text()
        customers = Whole(0, 2**53)
        kept = Whole(0, 2**53)
        removed = Whole(0, 2**53)
        unknown = Whole(0, 2**53)
        remarks = RemarkShape(many=True)

    def write(self, given: dict[str, Any], **kwargs: Any) -> Any:
        """Ask the base."""
        effect = flow.rule_effect(self.principal, **given, now=timezone.now())
        reach = effect.reach
        counts = {name: getattr(reach, name) for name in ("customers", "kept", "removed", "unknown")}
        return counts | {"sentence": effect.sentence, "remarks": effect.remarks}
