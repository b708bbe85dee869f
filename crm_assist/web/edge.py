"""What every view does around its one call of the flow: language, person, errors, nothing personal in a cache."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec

from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import decorator_from_middleware
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt, csrf_protect, ensure_csrf_cookie

from crm_assist import customers
from crm_assist.events import emit
from crm_assist.types import Principal
from crm_assist.web import problems

logger = logging.getLogger("crm_assist.web")
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Principal, P], HttpResponseBase]
Plain = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_script(*methods: str) -> Callable[[View[P]], Plain[P]]:
    """A view that the panel's script calls: every failure is a problem in JSON, ours being broken is a calm 503."""
    return _edge(methods, page=False)


def for_program(*methods: str) -> Callable[[View[P]], Plain[P]]:
    """A view that only reads, called by scripts and programs: problems in JSON, and no cookie is set."""
    if not set(methods) <= {"GET", "HEAD"}:
        raise ValueError(f"{methods}: what may change something must keep the CSRF check; use for_script.")
    return _edge(methods, page=False, reads=True)


def for_person(*methods: str, calm: bool = False) -> Callable[[View[P]], Plain[P]]:
    """A page: failures that we know are told as pages; the signed-out sign in first.

    Other failures are the host's to show, except on a calm page: there an agent is told that help is away.
    """
    return _edge(methods, page=True, calm=calm)


def sent_from(page: Callable[P, str]) -> Callable[[Plain[P]], Plain[P]]:
    """A view that takes a form alone: whoever opens its address, as after a change of language, gets its page."""

    def decorate(view: Plain[P]) -> Plain[P]:
        def led(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method in ("GET", "HEAD"):
                return HttpResponseRedirect(page(*args, **kwargs))
            return view(request, *args, **kwargs)

        update_wrapper(led, view)
        return led

    return decorate


def _edge(
    methods: tuple[str, ...], *, page: bool, calm: bool = True, reads: bool = False
) -> Callable[[View[P]], Plain[P]]:
    def decorate(view: View[P]) -> Plain[P]:
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            with _language(request):
                response = _answer(view, request, methods, page, calm, args, kwargs)
            response["Cache-Control"] = "private, no-store"
            response["Referrer-Policy"] = "same-origin"
            patch_vary_headers(response, ("Cookie", "Accept-Language"))
            return response

        update_wrapper(guarded, view)
        if reads:
            return guarded
        # Hosts may run without the CSRF middleware; our views keep the check, and give the script its token.
        checked = csrf_protect(guarded) if page else decorator_from_middleware(TokenCheck)(guarded)
        answering = ensure_csrf_cookie(checked)
        # A script reads no page of the host's: its requests are left to our check, which refuses them in JSON.
        return answering if page else csrf_exempt(answering)

    return decorate


class TokenCheck(CsrfViewMiddleware):
    """Django's own check; who fails it is told so in JSON, in the language of the page."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        logger.warning("crm_assist refused a request without the page's token: %s, %s", request.path, reason)
        with _language(request):
            return problems.as_json(problems.page_outdated())


def _answer(
    view: Callable[..., HttpResponseBase],
    request: HttpRequest,
    methods: tuple[str, ...],
    page: bool,
    calm: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponseBase:
    if request.method not in methods:
        return HttpResponse(status=405, headers={"Allow": ", ".join(methods)})
    try:
        principal = customers.who_asks(request, _adapter(request))
        if not principal.key:
            return _to_login(request) if page else problems.as_json(problems.signed_out())
        return view(request, principal, *args, **kwargs)
    except Exception as error:
        roll_back()
        problem = problems.problem_of(error)
        if problem is None and isinstance(error, (Http404, PermissionDenied)):
            problem = problems.not_found()
        if problem is None and not calm:
            emit("help.away", surface="page", fault=type(error).__name__)
            raise
        if problem is None:
            logger.exception("crm_assist could not answer %s", request.path)
            emit("help.away", surface="script", fault=type(error).__name__)
            problem = problems.unavailable()
        return problems.as_page(request, problem) if page else problems.as_json(problem)


def _adapter(request: HttpRequest) -> customers.CustomerAdapter | None:
    # Each kind of customer may know its people, and their tenants, in its own way.
    return customers.adapters().get(request.GET.get("model", ""))


def roll_back() -> None:
    """Where the host wraps requests in transactions, what an answered error wrote must not stay."""
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            transaction.set_rollback(True, using=connection.alias)


def _language(request: HttpRequest) -> AbstractContextManager[None]:
    """The language of the host's page, which the panel names, since the host may keep it in its own URLs."""
    asked = request.GET.get("lang", "")[:20]
    try:
        return translation.override(translation.get_supported_language_variant(asked)) if asked else nullcontext()
    except LookupError:
        return nullcontext()


def login_address() -> str:
    """Where the host signs people in; empty where LOGIN_URL leads nowhere."""
    try:
        login = resolve_url(django_settings.LOGIN_URL)
        if login.startswith("/"):
            resolve(login.partition("?")[0])
    except (NoReverseMatch, Resolver404):
        return ""
    return login


def _to_login(request: HttpRequest) -> HttpResponse:
    login = login_address()
    if not login or login.strip("/") == request.path.strip("/"):
        return problems.as_page(request, problems.signed_out())
    return HttpResponseRedirect(f"{login}?{urlencode({'next': request.get_full_path()})}")
