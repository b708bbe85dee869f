"""Label readiness: of how many scored customers and suggestions of a month it is known what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models import QuerySet as Rows
from django.db.models.functions import Cast, Coalesce, Right, TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision, Outcome, Suggestion
from crm_assist.decisions.standing import contradicted, in_force
from crm_assist.flow.attribution import Windows, targets_of_products
from crm_assist.flow.cards import targets
from crm_assist.flow.completeness import Completeness, completeness
from crm_assist.flow.errors import BadAnswer, TargetNotFound
from crm_assist.flow.happened import of_target
from crm_assist.labels import Label
from crm_assist.learning.models import Target
from crm_assist.types import OutcomeKind, Principal

MONTHS = 12
MOST_MONTHS = 60
MOST_SEEN = 200_000
"""Of more decisions than this a part is looked at, taken by chance: the page must answer however long the log is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """Of `count` there are, `seen` were looked at: how many of these are known, and how many of those are a yes.

    The others are unknown, and no no. All are looked at, but for very many.
    """

    count: int = 0
    seen: int = 0
    known: int = 0
    yes: int = 0

    @property
    def percent(self) -> int | None:
        """Percent known, rounded down: 100 only where every one is; None of nothing."""
        return self.known * 100 // self.seen if self.seen else None


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthReady:
    """One month: of the customers scored then within the horizon, of the suggestions within their window."""

    month: datetime
    scored: Ready
    suggested: Ready


@dataclass(frozen=True, kw_only=True, slots=True)
class Readiness:
    """How far the labels of a target are known, the newest month first; months without anything are left out."""

    target: Target
    complete: Completeness
    horizon_days: int
    attribution_days: int
    months: tuple[MonthReady, ...]


def readiness(
    principal: Principal, name: str, *, months: int = MONTHS, most: int = MOST_SEEN, now: datetime
) -> Readiness:
    """The label readiness of a target of the person's tenant or of all, by month of decision; a few statements.

    Of more than `most` decisions a part is looked at. NotAllowed as `targets`, TargetNotFound, BadAnswer for more than
    60 months.
    """
    if not 1 <= months <= MOST_MONTHS:
        words = {"value": str(months)[:40], "least": 1, "most": MOST_MONTHS}
        raise BadAnswer("months", _("“%(value)s” is not a whole number from %(least)d to %(most)d.") % words)
    target = targets(principal).filter(name=name).order_by("-tenant").first()
    if target is None:
        raise TargetNotFound(name)
    complete, since = completeness(target, now=now), _start(now, months)
    owned = targets_of_products({principal.tenant}, Target.objects.filter(pk=target.pk))
    window = Windows(owned).of(*next(iter(owned), (principal.tenant, "")))
    horizon = timedelta(days=target.horizon_days)
    scored = Decision.objects.filter(tenant=principal.tenant, target=target.name).dated(since)
    offered = Suggestion.objects.filter(
        tenant=principal.tenant, product__in=[code for _tenant, code in owned], opened_at__gte=since
    )
    found = (
        _by_month(scored, target, complete, at="at", within=horizon, most=most, now=now),
        _by_month(offered, target, complete, at="opened_at", within=window, most=most, now=now, same_product=True),
    )
    return Readiness(
        target=target,
        complete=complete,
        horizon_days=horizon.days,
        attribution_days=window.days,
        months=tuple(
            MonthReady(month=month, scored=found[0].get(month, Ready()), suggested=found[1].get(month, Ready()))
            for month in sorted({*found[0], *found[1]}, reverse=True)
        ),
    )


def _start(now: datetime, months: int) -> datetime:
    """The start of the month so many months ago, this one counted."""
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    before = first.year * 12 + first.month - months
    return timezone.make_aware(first.replace(year=before // 12, month=before % 12 + 1))


def _by_month(
    rows: Rows[Any],
    target: Target,
    complete: Completeness,
    *,
    at: str,
    within: timedelta,
    most: int,
    now: datetime,
    same_product: bool = False,
) -> Mapping[datetime, Ready]:
    """By month how many are yes, no and unknown: the rule of `crm_assist.labels.label`, counted by the database."""
    dated = rows.annotate(month=TruncMonth(at)).order_by()
    there = dict(dated.values("month").annotate(count=Count("pk")).values_list("month", "count"))
    end = Coalesce("subject__merged_into_id", "subject_id")
    asked: dict[str, Any] = {"at": at, "within": within, "same_product": same_product}
    sure = of_target(in_force(), target, target.outcome).filter(occurred_at__lte=now)
    unsaid = of_target(in_force(), target, OutcomeKind.UNKNOWN)
    against = of_target(contradicted(), target, target.outcome, OutcomeKind.UNKNOWN)
    is_over = Q(**{f"{at}__lte": complete.until - within}) if complete.until else Q(pk__in=[])
    is_unsure = Exists(_theirs(unsaid, **asked)) | Exists(_theirs(against, **asked))
    known = Case(
        When(Exists(_theirs(sure, **asked)), then=Value(Label.YES.value)),
        When(is_over & ~is_unsure, then=Value(Label.NO.value)),
        default=Value(Label.UNKNOWN.value),
        output_field=CharField(),
    )
    seen = _part(dated, sum(there.values()), most).annotate(end=end, label=known).values("month", "label")
    found: dict[datetime, dict[str, int]] = defaultdict(dict)
    for row in seen.annotate(count=Count("pk")):
        found[row["month"]][row["label"]] = row["count"]
    return {month: _ready(count, found[month]) for month, count in there.items()}


def _ready(count: int, counts: Mapping[str, int]) -> Ready:
    yes, no = counts.get(Label.YES, 0), counts.get(Label.NO, 0)
    return Ready(count=count, seen=sum(counts.values()), known=yes + no, yes=yes)


def _part(rows: Rows[Any], count: int, most: int) -> Rows[Any]:
    """All of the rows, or about `most` of them by the last byte of their ids, which is chance."""
    bytes_taken = max(1, most * 256 // count) if count > most else 256
    if bytes_taken >= 256:
        return rows
    part: Rows[Any] = rows.annotate(tail=Right(Cast("pk", CharField()), 2)).filter(tail__lt=f"{bytes_taken:02x}")
    return part


def _theirs(rows: Rows[Outcome], *, at: str, within: timedelta, same_product: bool) -> Rows[Outcome]:
    """Those of these outcomes that are of the outer row's customer, under any name, and within its time.

    As in training, what happened at the very moment of a score was known to it; of a suggestion it follows.
    """
    family = Subject.objects.filter(Q(pk=OuterRef(OuterRef("end"))) | Q(merged_into=OuterRef(OuterRef("end"))))
    last = ExpressionWrapper(OuterRef(at) + Value(within, output_field=DurationField()), output_field=DateTimeField())
    after = "gte" if same_product else "gt"
    rows = rows.filter(
        subject__in=family.values("pk"), occurred_at__lte=last, **{f"occurred_at__{after}": OuterRef(at)}
    )
    return rows.filter(product=OuterRef("product")) if same_product else rows
