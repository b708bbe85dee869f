"""The mixin that puts the panel on a ModelAdmin's record page and the score into its list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from crm_assist.admin.asking import sight_of
from crm_assist.admin.column import BandFilter, ScoreColumn
from crm_assist.admin.harmless import harmless
from crm_assist.admin.ordering import OrderedByScore, ordered_by_score
from crm_assist.conf import settings
from crm_assist.web import assets

TEMPLATE = "admin/crm_assist/with_panel.html"

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = object


class AssistPanelMixin(Base):
    """Write it in front of your ModelAdmin's bases, or let `crm_assist` put it there by itself.

    Every method adds to what the host's own returns; when ours fails, the host's own stands alone.
    """

    crm_assist_injected = False
    """Whether it was put there by us: then the setting ADMIN_PANEL takes it away again."""

    @property
    def crm_assist_is_on(self) -> bool:
        """Whether panel and column are shown: always where the host wrote the mixin down."""
        return bool(settings.ADMIN_PANEL) or not self.crm_assist_injected

    @property
    def media(self) -> Media:
        """The host's own and our two style sheets, which draw panel and column."""
        media = super().media
        if self.crm_assist_is_on:
            with harmless("A style sheet"):
                return media + Media(css={"all": [assets.url("panel.css"), assets.url("admin.css")]})
        return media

    def get_list_display(self, request: HttpRequest) -> Any:
        """The host's columns, then the score for whoever may see one."""
        return self._with_column(request, super().get_list_display(request))

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """The host's choice, and our column."""
        return self._with_column(request, super().get_sortable_by(request))

    def get_list_filter(self, request: HttpRequest) -> Any:
        """The host's filters, then the one by band."""
        found = super().get_list_filter(request)
        return [*found, BandFilter] if self.crm_assist_is_on else found

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The host's ChangeList, able to sort by score."""
        found: Any = super().get_changelist(request, **kwargs)
        return ordered_by_score(found) if self.crm_assist_is_on else found

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The host's list, whose visible page the column is told."""
        found = super().get_changelist_instance(request)
        with harmless("The score column"):
            for column in found.list_display:
                if isinstance(column, ScoreColumn):
                    column.page = found.result_list
            if isinstance(found, OrderedByScore):
                found.tell_what_is_left_out()
        return found

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The host's page, with the panel below its field sets."""
        response = super().render_change_form(request, context, *args, **kwargs)
        if self.crm_assist_is_on:
            with harmless("The panel"):
                place_panel(response)
        return response

    def _with_column(self, request: HttpRequest, found: Any) -> Any:
        if not self.crm_assist_is_on:
            return found
        with harmless("The score column", asks=True):
            column = self._column(request)
            if column is not None and column not in found:
                return [*found, column]
        return found

    def _column(self, request: HttpRequest) -> ScoreColumn | None:
        """The same column for the whole request: the admin compares them."""
        kept = request.__dict__.setdefault("_crm_assist_columns", {})
        if self not in kept:
            sight = sight_of(request, self.model)
            kept[self] = ScoreColumn(sight) if sight else None
        found: ScoreColumn | None = kept[self]
        return found


def place_panel(response: HttpResponse) -> bool:
    """Wrap the host's template in ours, which adds the panel; False where there is no customer or no template."""
    context = getattr(response, "context_data", None) or {}
    template = getattr(response, "template_name", None)
    is_drawn = getattr(response, "is_rendered", True)
    if template is None or is_drawn or context.get("original") is None or context.get("is_popup"):
        return False
    try:
        reverse("crm_assist:panel")
    except NoReverseMatch:  # a system check names it
        return False
    context["crm_assist_parent"] = response.resolve_template(template)  # type: ignore[attr-defined]
    response.template_name = TEMPLATE  # type: ignore[attr-defined]
    return True
