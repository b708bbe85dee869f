"""The rulebook: every rule as a sentence, each with its versions, and a plain form for those who may write."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from crm_assist import flow
from crm_assist.types import Principal
from crm_assist.web import edge, pages, rule_form
from crm_assist.web.bodies import keepable
from crm_assist.web.rule_form import EMPTY, Entered
from crm_assist.web.rule_words import row

MOST = 500


@edge.for_person("GET", "HEAD")
def rules(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Every rule of the person's tenant, by code."""
    now, names = timezone.now(), _names(principal)
    shown = [row(view, now, names) for view in flow.rules(principal, most=MOST)]
    context = {"rules": shown, "may_write": principal.may("change_rules"), "done": request.GET.get("done") == "1"}
    return pages.page(request, principal, "crm_assist/rules.html", context)


def _names(principal: Principal) -> dict[str, str]:
    """The products' names by code, in the language in force."""
    return {product.code: product.text("name") for product in flow.ruled_products(principal)}


def _new_address() -> str:
    return reverse("crm_assist:rule_new")


def _address(code: str) -> str:
    return reverse("crm_assist:rule", args=[code])


@edge.for_person("GET", "HEAD", "POST")
def new(request: HttpRequest, principal: Principal) -> HttpResponse:
    """A rule that is not there yet: an empty form, tried or saved by POST."""
    if not principal.may("change_rules"):
        raise flow.NotAllowed("change_rules")
    return _form(request, principal, code="", versions=())


@edge.for_person("GET", "HEAD", "POST")
def rule(request: HttpRequest, principal: Principal, code: str) -> HttpResponse:
    """One rule with its versions; a new version is tried or saved by POST."""
    if not keepable(code):
        raise flow.RuleNotFound
    versions = flow.rule_versions(principal, code)
    return _form(request, principal, code=code, versions=versions)


@edge.sent_from(_address)
@edge.for_person("POST")
def withdraw(request: HttpRequest, principal: Principal, code: str) -> HttpResponse:
    """Take a rule out of force, with a reason."""
    versions = flow.rule_versions(principal, code)
    fault = rule_form.withdrawn(request, principal, code)
    if fault is not None:
        return _page(request, principal, code, versions, rule_form.of(versions[0].version), withdrawal=fault)
    return HttpResponseRedirect(f"{reverse('crm_assist:rules')}?done=1")


def _form(
    request: HttpRequest, principal: Principal, *, code: str, versions: tuple[flow.RuleView, ...]
) -> HttpResponse:
    if request.method != "POST":
        return _page(request, principal, code, versions, rule_form.of(versions[0].version) if versions else EMPTY)
    entered = rule_form.sent(request, principal, code)
    if entered is not None:
        return _page(request, principal, code, versions, entered)
    return HttpResponseRedirect(f"{reverse('crm_assist:rules')}?done=1")


def _page(
    request: HttpRequest,
    principal: Principal,
    code: str,
    versions: tuple[flow.RuleView, ...],
    entered: Entered,
    *,
    withdrawal: str = "",
) -> HttpResponse:
    now, names = timezone.now(), _names(principal)
    shown = [row(view, now, names) for view in versions]
    own = bool(versions) and versions[0].version.tenant == principal.tenant
    context: dict[str, Any] = {
        "code": code,
        "rule": shown[0] if shown else None,
        "versions": shown,
        "entered": entered,
        "withdrawal": withdrawal,
        "may_write": principal.may("change_rules"),
        "may_withdraw": principal.may("change_rules") and own and not versions[0].version.withdrawn,
        "address": _address(code) if code else _new_address(),
        **rule_form.choices(principal),
    }
    status = 400 if entered.faults or withdrawal else 200
    return pages.page(request, principal, "crm_assist/rule.html", context, status=status)
