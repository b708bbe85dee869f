"""Background work for people with the right to it: see it, start it, go on with it, give it up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import router, transaction
from django.utils.translation import gettext as _

from crm_assist.flow.background import EACH, ask_runs, tell_asked
from crm_assist.flow.card_names import run_names
from crm_assist.flow.errors import BadAnswer, NotAllowed, require
from crm_assist.flow.runs_view import RunView, view_of
from crm_assist.runs import holding
from crm_assist.runs.models import Kind, Run
from crm_assist.types import Principal

MANAGE = "manage_runs"


class RunNotFound(LookupError):
    """No such run for this person; whether it exists for others is not told."""


def runs(principal: Principal, *, now: datetime) -> tuple[RunView, ...]:
    """The newest run of each kind and subject matter: the house's own, and those of the person's tenant."""
    require(principal, MANAGE)
    found = Run.objects.latest_of_each().for_tenant(principal.tenant)
    return tuple(view_of(run, now=now) for run in found)


def run_history(principal: Principal, *, kind: str, about: str = "", now: datetime) -> tuple[RunView, ...]:
    """The runs of one kind and subject matter that are kept, the newest first."""
    require(principal, MANAGE)
    found = Run.objects.filter(kind=kind, about=about).for_tenant(principal.tenant).order_by("-pk")
    return tuple(view_of(run, now=now) for run in found[: holding.KEPT])


def run_subjects(principal: Principal) -> tuple[str, ...]:
    """What a run that this person asks for may be about: kinds of customers, and targets of the own tenant."""
    require(principal, MANAGE)
    models = [one for one, _tenant in EACH[Kind.RESCORE]()]
    targets = [one for one, tenant in EACH[Kind.REFIT]() if tenant == principal.tenant]
    return (*models, *targets)


def names_of_runs(principal: Principal) -> Mapping[str, str]:
    """What people call that which runs are about, by its code."""
    require(principal, MANAGE)
    return run_names(principal.tenant)


def start(principal: Principal, *, kind: str, about: str = "", now: datetime) -> RunView:
    """Ask for a run in the person's name; the one that has more to do, if there is one. BadAnswer names the field.

    A refit publishes a card, so that it needs `publish_card` too; what concerns every tenant is for people of none.
    """
    require(principal, MANAGE)
    if kind not in Kind.values:
        raise BadAnswer("kind", _("%(value)s: choose one of %(known)s.") % _words(kind, Kind.values))
    if kind == Kind.REFIT:
        require(principal, "publish_card")
    elif principal.tenant and not principal.is_superuser:
        raise NotAllowed(MANAGE)
    whose = principal.tenant if kind == Kind.REFIT else ""
    known = [one for one, tenant in EACH[kind]() if tenant == whose] if kind in EACH else [""]
    if about not in known:
        raise BadAnswer("about", _("%(value)s: choose one of %(known)s.") % _words(about, known))
    with transaction.atomic(router.db_for_write(Run)):
        [run_id] = ask_runs(kind, about=about, tenant=whose, by=principal.name or principal.key, now=now)
        tell_asked(run_id, kind)
    return view_of(Run.objects.get(pk=run_id), now=now)


def resume(principal: Principal, run_id: int, *, now: datetime) -> RunView:
    """Tell whoever does background work to go on with this run now; RunNotFound if it is not theirs to see."""
    run = _theirs(principal, run_id)
    tell_asked(run.pk, run.kind)
    return view_of(run, now=now)


def give_up(principal: Principal, run_id: int, *, reason: str, now: datetime) -> RunView:
    """End a run for good; whoever works on it notices at the next chunk, which is taken back."""
    run = _theirs(principal, run_id)
    words = {"who": principal.name or principal.key, "reason": reason}
    holding.give_up(run.pk, fault=_("Given up by %(who)s. %(reason)s") % words, now=now)
    return view_of(Run.objects.get(pk=run.pk), now=now)


def _theirs(principal: Principal, run_id: int) -> Run:
    """A run that this person may do something about."""
    require(principal, MANAGE)
    found: Run | None = Run.objects.filter(pk=run_id).first()
    if found is None or not may_steer(principal, found.tenant):
        raise RunNotFound(run_id)
    return found


def may_steer(principal: Principal, tenant: str) -> bool:
    """Whether the person may do something about the runs of a tenant, or about the house's own (no tenant)."""
    return not principal.tenant or tenant == principal.tenant or (not tenant and principal.is_superuser)


def _words(value: str, known: list[str]) -> dict[str, str]:
    return {"value": repr(value), "known": ", ".join(repr(one) for one in known)}
