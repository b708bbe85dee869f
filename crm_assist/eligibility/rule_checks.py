"""What an editor gives of a rule, checked field by field before a version is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm_assist.eligibility.rules.constants import shown
from crm_assist.eligibility.rules.document import read_rule, write_rule
from crm_assist.eligibility.rules.facts import RuleStep
from crm_assist.eligibility.rules.faults import RuleRefused
from crm_assist.eligibility.rules.terms import Terms

FIELDS = ("code", "step", "adapter", "product", "group", "document", "texts", "valid_from", "valid_until")
"""What an editor of rules may give; the rest is ours to keep."""

NEEDED = ("code", "step", "adapter", "document")
CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}\Z")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z")
PARTS = ("closed", "need")
LONGEST_TEXT, MOST_LANGUAGES = 500, 40


def checked(values: Mapping[str, Any], terms: Mapping[str, Terms]) -> dict[str, Any]:
    """The values as a version keeps them, document and texts as canonical JSON; ValidationError by field."""
    faults: dict[str, list[str]] = {}
    for name in values:
        if name not in FIELDS:  # the tenant above all: whoever may edit one rulebook may not reach into another
            words = {"value": str(name)[:40], "known": ", ".join(FIELDS)}
            faults[str(name)] = [_("“%(value)s” cannot be given; use %(known)s.") % words]
    for name in NEEDED:
        if not values.get(name):
            faults[name] = [_("Give the rule its %(field)s.") % {"field": name}]
    if faults:
        raise ValidationError(faults)
    found = {
        "code": _code(values["code"], faults),
        "step": _step(values["step"], faults),
        "product": _scope("product", values.get("product", ""), faults),
        "group": _scope("group", values.get("group", ""), faults),
        "adapter": str(values["adapter"]),
        "texts": _texts(values.get("texts") or {}, faults),
        "document": _document(values, terms, faults),
        **_validity(values, faults),
    }
    if found["product"] and found["group"]:
        faults["group"] = [_("Name a product or a group, not both: a rule of a group concerns its products.")]
    if faults:
        raise ValidationError(faults)
    return found


def _code(value: object, faults: dict[str, list[str]]) -> str:
    if not isinstance(value, str) or not CODE.match(value):
        message = _("“%(value)s” is no code: use small letters, digits, dot, dash and underscore, at most 60.")
        faults["code"] = [message % {"value": str(value)[:60]}]
    return str(value)


def _step(value: object, faults: dict[str, list[str]]) -> str:
    if value not in set(RuleStep):
        words = {"value": str(value)[:40], "known": ", ".join(RuleStep)}
        faults["step"] = [_("“%(value)s” is no step; use one of: %(known)s.") % words]
    return str(value)


def _scope(name: str, value: object, faults: dict[str, list[str]]) -> str:
    if not isinstance(value, str) or len(value) > 60:
        faults[name] = [_("Give a text of at most 60 characters, or nothing.")]
    return str(value)


def _texts(value: object, faults: dict[str, list[str]]) -> str:
    if not isinstance(value, Mapping) or len(value) > MOST_LANGUAGES:
        faults["texts"] = [_('Give texts by language, such as {"en": {"closed": "..."}}.')]
        return ""
    for language, parts in value.items():
        if not isinstance(language, str) or not LANGUAGE.match(language):
            faults["texts"] = [_("“%(value)s” is not a language, such as en.") % {"value": str(language)[:20]}]
        elif not isinstance(parts, Mapping) or not all(_is_text(part, text) for part, text in parts.items()):
            words = {"language": language, "known": ", ".join(PARTS), "longest": str(LONGEST_TEXT)}
            message = _("Language %(language)s: give only %(known)s, each a text of at most %(longest)s characters.")
            faults["texts"] = [message % words]
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value and "texts" not in faults else ""


def _is_text(part: object, text: object) -> bool:
    return part in PARTS and isinstance(text, str) and len(text) <= LONGEST_TEXT and "\0" not in text


def _document(values: Mapping[str, Any], terms: Mapping[str, Terms], faults: dict[str, list[str]]) -> str:
    adapter = values["adapter"]
    known = terms.get(adapter) if isinstance(adapter, str) else None
    if known is None:
        words = {"value": str(adapter)[:100], "known": ", ".join(sorted(terms)) or "-"}
        faults["adapter"] = [_("“%(value)s” is no kind of customer here; use one of: %(known)s.") % words]
        return ""
    try:
        rule = read_rule(values["document"], known)
    except RuleRefused as refused:
        faults["document"] = [f"{fault.path}: {fault.message}" for fault in refused.faults]
        return ""
    return json.dumps(write_rule(rule), ensure_ascii=False, separators=(",", ":"))


def _validity(values: Mapping[str, Any], faults: dict[str, list[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {"valid_until": values.get("valid_until")}
    if values.get("valid_from") is not None:
        found["valid_from"] = values["valid_from"]
    for name, value in found.items():
        if value is not None and not (isinstance(value, datetime) and value.tzinfo is not None):
            faults[name] = [_("%(value)s is no moment with a time zone.") % {"value": shown(value)}]
    return found
