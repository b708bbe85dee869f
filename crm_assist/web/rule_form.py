"""A version of a rule as a form sends it: tried or saved, or what was entered and what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.eligibility.models import STEPS, RuleVersion
from crm_assist.eligibility.rulebook import texts_of
from crm_assist.types import Principal
from crm_assist.web import rule_words
from crm_assist.web.bodies import keepable
from crm_assist.web.words import word

LANGUAGES = ("en", "fr")
TEXTS = tuple((language, part) for language in LANGUAGES for part in ("closed", "need"))
FIELDS = ("code", "step", "adapter", "concerns", "document", "valid_from", "valid_until", "reason")
LONGEST = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """What stands in the form, what is wrong with it, and what it would do where it was tried."""

    code: str = ""
    step: str = "eligibility"
    adapter: str = ""
    concerns: str = ""
    document: str = ""
    valid_from: str = ""
    valid_until: str = ""
    reason: str = ""
    texts: Mapping[str, str] | None = None
    faults: tuple[tuple[str, str], ...] = ()
    effect: flow.Effect | None = None

    @property
    def wrong(self) -> frozenset[str]:
        """The fields that are wrong."""
        return frozenset(name for name, _message in self.faults)

    @property
    def faults_told(self) -> list[tuple[str, str]]:
        """The faults with the fields as the screen calls them."""
        return [(word(rule_words.FIELDS, name), message) for name, message in self.faults]

    @property
    def counts(self) -> list[tuple[str, str]]:
        """Whom it would keep and leave out, where it was tried."""
        return rule_words.counts(self.effect) if self.effect else []

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """Name, label and text of each of the author's texts."""
        labels = {"closed": _("Told to the agent when it closes"), "need": _("The need it serves (suitability)")}
        given = self.texts or {}
        return [
            (f"{part}_{language}", f"{labels[part]} ({language})", given.get(f"{part}_{language}", ""))
            for language, part in TEXTS
        ]


EXAMPLE = {"schema": 1, "rule": {"all": [{"feature": "…", "at_least": 0}]}}
EMPTY = Entered(document=json.dumps(EXAMPLE, ensure_ascii=False, indent=1))


def of(version: RuleVersion) -> Entered:
    """The form as a version fills it."""
    found = texts_of(version)
    return Entered(
        code=version.code,
        step=version.step,
        adapter=version.adapter,
        concerns=f"product:{version.product}" if version.product else f"group:{version.group}" if version.group else "",
        document=json.dumps(json.loads(version.document), ensure_ascii=False, indent=1),
        valid_from=_day(version.valid_from),
        valid_until=_day(version.valid_until) if version.valid_until else "",
        texts={f"{part}_{language}": found.get(language, {}).get(part, "") for language, part in TEXTS},
    )


def choices(principal: Principal) -> dict[str, Any]:
    """What the form offers: steps, kinds of customer, products and groups, and the features that rules may use."""
    if not principal.may("change_rules"):
        return {}
    products = flow.ruled_products(principal)
    groups = sorted({product.group for product in products if product.group})
    return {
        "steps": [(code, str(label)) for code, label in STEPS],
        "adapters": flow.rule_features(principal),
        "scopes": [
            *((f"group:{group}", _("Group: %(name)s") % {"name": group}) for group in groups),
            *((f"product:{product.code}", product.text("name")) for product in products),
        ],
    }


def sent(request: HttpRequest, principal: Principal, code: str) -> Entered | None:
    """Try or save what was sent; None when it is saved."""
    if not principal.may("change_rules"):
        raise flow.NotAllowed("change_rules")
    given: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in FIELDS}
    texts = {f"{part}_{language}": request.POST.get(f"{part}_{language}", "").strip() for language, part in TEXTS}
    entered = Entered(**{**given, "code": code or given["code"]}, texts=texts)
    now = timezone.now()
    try:
        _check(entered)
        if request.POST.get("act") == "try":
            effect = flow.rule_effect(principal, adapter=entered.adapter, document=entered.document, now=now)
            return replace(entered, effect=effect)
        flow.save_rules(principal, [_row(entered)], reason=entered.reason, now=now)
    except ValidationError as error:
        faults = [(name, message) for name, messages in error.message_dict.items() for message in messages]
        return replace(entered, faults=tuple(faults))
    except flow.BadMove as error:
        return replace(entered, faults=((error.field, error.message),))
    return None


def withdrawn(request: HttpRequest, principal: Principal, code: str) -> str | None:
    """Withdraw the rule; None when it is done, else what is wrong."""
    reason = request.POST.get("reason", "")
    try:
        if not keepable(reason):
            return _("This text holds a character that cannot be kept.")
        flow.withdraw_rule(principal, code, reason=reason, now=timezone.now())
    except ValidationError as error:
        return " ".join(error.messages)
    except flow.BadMove as error:
        return error.message
    return None


def _check(entered: Entered) -> None:
    for name in FIELDS:
        if not keepable(getattr(entered, name)) or len(getattr(entered, name)) > LONGEST:
            raise ValidationError({name: _("This text holds a character that cannot be kept, or is too long.")})


def _row(entered: Entered) -> dict[str, Any]:
    scope, _colon, name = entered.concerns.partition(":")
    row: dict[str, Any] = {
        "code": entered.code,
        "step": entered.step,
        "adapter": entered.adapter,
        "document": entered.document,
        "product": name if scope == "product" else "",
        "group": name if scope == "group" else "",
        "texts": _texts(entered),
        "valid_until": _start(entered.valid_until, "valid_until"),
    }
    start = _start(entered.valid_from, "valid_from")
    return row if start is None else row | {"valid_from": start}


def _texts(entered: Entered) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for language, part in TEXTS:
        text = (entered.texts or {}).get(f"{part}_{language}", "")
        if text:
            found.setdefault(language, {})[part] = text
    return found


def _start(text: str, name: str) -> datetime | None:
    """The beginning of the day that was given; ValidationError where it is none."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise ValidationError({name: _("“%(value)s” is not a day, such as 2026-03-31.") % {"value": text[:20]}})
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def _day(at: datetime) -> str:
    return timezone.localtime(at).date().isoformat()
