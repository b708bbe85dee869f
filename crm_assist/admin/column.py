"""The score column of a host's changelist, and the filter by band: values of the visible page, asked once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_assist import flow
from crm_assist.admin.asking import sight_of
from crm_assist.admin.harmless import harmless
from crm_assist.web import words

EMPTY = "–"
STORED = "stored_score"
"""The name under which `flow` joins the stored score to a list."""


class ScoreColumn:
    """One column for one request; it scores the whole visible page when its first cell is drawn."""

    __name__ = "crm_assist_score"
    short_description = _("Score")

    def __init__(self, sight: flow.ListSight) -> None:
        self.sight = sight
        self.page: Iterable[Any] = ()
        self._scores: Mapping[str, flow.ListScore] | None = None

    @property
    def admin_order_field(self) -> str | None:
        """What the list is ordered by, or nothing where stored scores cannot be joined."""
        return STORED if self.sight.can_order else None

    def __call__(self, obj: Any) -> str:
        """The cell of one customer."""
        if self._scores is None:
            self._scores = {}  # a page that cannot be scored is asked once, not once a row
            with harmless("The score column", asks=True):
                keys = [self.sight.adapter.key(one) for one in self.page]
                self._scores = self.sight.scores(keys, now=timezone.now())
        with harmless("A score"):
            found = self._scores.get(self.sight.adapter.key(obj))
            return render_to_string("crm_assist/score_cell.html", {"cell": words.cell(found)}) if found else EMPTY
        return EMPTY


class BandFilter(SimpleListFilter):
    """Customers by the band of their stored score; not offered below the phase `score`."""

    title = _("Score")
    parameter_name = "crm_assist_band"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        """The bands in words; none where the person may see no score."""
        self.sight = None
        with harmless("The filter by score", asks=True):
            self.sight = sight_of(request, model_admin.model)
        if self.sight is not None and self.sight.can_order:
            yield from ((code, str(text)) for code, text in words.BANDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The customers of the chosen band; an unknown band filters nothing."""
        band = self.value()
        if self.sight is not None and self.sight.can_order and band in words.BANDS:
            with harmless("The filter by score"):
                return self.sight.scored(queryset, band=band)
        return queryset
