"""How far the host's systems have told everything: until then their silence is a no, afterwards it is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.models import OutcomeSource
from crm_assist.decisions.outcomes import checked_texts
from crm_assist.events import emit_on_commit
from crm_assist.flow.errors import require
from crm_assist.learning.models import Target
from crm_assist.types import Principal


@dataclass(frozen=True, kw_only=True, slots=True)
class Completeness:
    """Until when the outcomes of a target are complete, and whether anybody said so.

    `until` is None where a source that the target names has never said anything: nothing can be known of a no.
    `is_said` is False where nobody says anything at all: then `until` is now, and only the horizon is waited for.
    """

    until: datetime | None
    is_said: bool


def outcomes_complete_until(
    moment: datetime, *, source: str = "", tenant: str = "", by: str = "", now: datetime
) -> OutcomeSource:
    """A source has told everything that happened until this moment; a later word replaces it, an earlier one too.

    Raises BadAnswer with the field for a moment in the future or without a time zone.
    """
    checked_texts(source=source)
    if moment.tzinfo is None:
        raise BadAnswer("complete_until", _("The time has no time zone; give an aware one."))
    if moment > now:
        message = _("Nobody has told what has not happened yet; give a time that is past.")
        raise BadAnswer("complete_until", message)
    values = {"complete_until": moment, "changed_at": now, "changed_by": by[:150]}
    told, _made = OutcomeSource.objects.update_or_create(tenant=tenant, source=source, defaults=values)
    emit_on_commit("outcomes.complete", tenant=tenant, source=source)
    return told


def tell_complete(principal: Principal, moment: datetime, *, source: str, now: datetime) -> OutcomeSource:
    """The same for a source of the person's tenant; NotAllowed without `record_outcome`."""
    require(principal, "record_outcome")
    return outcomes_complete_until(moment, source=source, tenant=principal.tenant, by=principal.key, now=now)


def completeness(target: Target, *, now: datetime) -> Completeness:
    """Until when all outcomes of a target are told: by the slowest of its sources."""
    rows = OutcomeSource.objects.filter(tenant=target.tenant) if target.tenant else OutcomeSource.objects.all()
    said: dict[str, datetime] = {}
    for source, until in rows.values_list("source", "complete_until"):
        said[source] = min(until, said.get(source, until))
    if not target.sources:
        return Completeness(until=min([*said.values(), now]), is_said=bool(said))
    if set(target.sources) - set(said):
        return Completeness(until=None, is_said=True)
    return Completeness(until=min(now, *(said[source] for source in target.sources)), is_said=True)
