"""A host with two admin sites, on which the same customers have admins of every awkward kind."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from crm_assist.admin import AssistPanelMixin
from tests.hosts.desk.models import Client, FavouredClient, Tag
from tests.hosts.shapes.models import Person, Policy

office = admin.AdminSite(name="office")
back = admin.AdminSite(name="back")


class OwnChangeList(ChangeList):
    """The host's own list."""

    is_the_hosts_own = True


class ClientAdmin(admin.ModelAdmin):
    """Plain attributes, a search and an editable column."""

    list_display = ("name", "branch", "segment")
    list_editable = ("segment",)
    raw_id_fields = ("owner",)
    list_filter = ("branch",)
    search_fields = ("name",)
    list_per_page = 3
    ordering = ("name",)


class BusyAdmin(admin.ModelAdmin):
    """Overrides everything that we touch."""

    change_form_template = "busy_form.html"
    sortable_by = ("name",)
    show_facets = admin.ShowFacets.ALWAYS
    list_filter = ("branch",)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", "rank")

    @admin.display(description="Rank of the house")
    def rank(self, obj: Client) -> str:
        return f"rank {obj.pk}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        return super().get_queryset(request).filter(is_deleted=False)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OwnChangeList

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().change_view(request, *args, extra_context={"title": "Busy"}, **kwargs)


class AloneAdmin(admin.ModelAdmin):
    """Answers for the record page by itself."""

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(f"<p>all by myself {object_id}</p>")


class ExplicitAdmin(AssistPanelMixin, admin.ModelAdmin):
    """Wrote the mixin down."""

    list_display = ("__str__",)


office.register(Client, ClientAdmin)
office.register(FavouredClient, ExplicitAdmin)
office.register(Tag)
office.register(Person)
office.register(Policy)
back.register(Client, BusyAdmin)

urlpatterns: list[URLPattern | URLResolver] = [
    path("assist/", include("crm_assist.urls")),
    path("admin/", admin.site.urls),
    path("office/", office.urls),
    path("back/", back.urls),
]
