"""A host's ChangeList that can be sorted by the stored score, by an index of ours and not by a scan of the host's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm_assist.admin.column import STORED, ScoreColumn
from crm_assist.admin.harmless import harmless, logger

if TYPE_CHECKING:
    Base = ChangeList
else:
    Base = object


class OrderedByScore(Base):
    """Put in front of the host's ChangeList; as long as nobody sorts by our column nothing is joined."""

    joined_to_scores = False
    """Whether the page is ordered by score."""

    _may_name_scores = False

    def get_ordering_field(self, field_name: Any) -> Any:
        """Our column orders the joined rows, and only them."""
        if isinstance(field_name, ScoreColumn):
            return STORED if self._may_name_scores else None
        return super().get_ordering_field(field_name)

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        """The host's rows; joined to their scores for the page, and the same set without a join for actions."""
        is_page = "queryset" not in self.__dict__
        rows = super().get_queryset(request, *args, **kwargs)
        column = self._sorting_column()
        if column is not None:
            with harmless("The order by score"):
                return self._ordered(request, rows, column) if is_page else column.sight.scored(rows)
        return rows

    def _ordered(self, request: HttpRequest, rows: QuerySet[Any], column: ScoreColumn) -> QuerySet[Any]:
        joined = column.sight.joined(rows)
        self._may_name_scores = True
        try:
            ordered = joined.order_by(*self.get_ordering(request, joined))
        finally:
            self._may_name_scores = False
        self.joined_to_scores = True
        return ordered

    def get_results(self, request: HttpRequest) -> None:
        """Count and cut the page; where the join cannot be run, the host's own order stays."""
        if self.joined_to_scores:
            try:
                with transaction.atomic(using=self.queryset.db):
                    super().get_results(request)
                    len(self.result_list)  # now, while we can still go back; the page is drawn from the same rows
                    return
            except DatabaseError:
                logger.exception("The order by score was left out of a page of the host")
                self.joined_to_scores = False
                self.queryset = super().get_queryset(request)
        super().get_results(request)

    def tell_what_is_left_out(self) -> None:
        """Customers without a score have no place in the order: the title says so."""
        if self.joined_to_scores:
            self.title = _("%(title)s, those with a score") % {"title": self.title}

    def _sorting_column(self) -> ScoreColumn | None:
        for place in self._places():
            column = self.list_display[place] if place < len(self.list_display) else None
            if isinstance(column, ScoreColumn) and column.admin_order_field:
                return column
        return None

    def _places(self) -> Iterable[int]:
        parts = (part.rpartition("-")[2] for part in str(self.params.get(ORDER_VAR, "")).split("."))
        return [int(part) for part in parts if part.isdecimal()]


@cache
def ordered_by_score(host: Any) -> Any:
    """The host's ChangeList class with our order in front, made once."""
    if issubclass(host, OrderedByScore):
        return host
    names = {"__module__": host.__module__, "__qualname__": host.__qualname__}
    return type(host.__name__, (OrderedByScore, host), names)
