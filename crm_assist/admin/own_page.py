"""What every page of ours in the admin has around its content: who may, which method, which failure is told how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from crm_assist.admin.asking import principal_of
from crm_assist.types import Principal
from crm_assist.web import assets
from crm_assist.web.edge import roll_back
from crm_assist.web.problems import Problem, not_found, problem_of

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = ModelAdmin

View = Callable[..., HttpResponseBase]


class OwnPage(Base):
    """A page of ours under the name of one of our models: it calls the flow and draws; nothing is edited in place.

    The flow decides who may; `readers` only says in whose menu the page stands.
    """

    readers: ClassVar[tuple[str, ...]] = ()
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the page stands in the person's menu: any of the permissions that open it."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Any of the permissions that open the page."""
        principal = principal_of(request)
        return any(principal.may(permission) for permission in self.readers)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added by a form of Django's."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed by a form of Django's."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Our own addresses in place of Django's."""
        return self.addresses()

    def addresses(self) -> list[URLPattern]:
        """The page's addresses; the first is the one in the menu."""
        return []

    def route(self, route: str, view: View, name: str, *methods: str) -> URLPattern:
        """One address of the page, named as the admin names its own."""
        wanted = methods or ("GET", "HEAD")
        return path(route, self.admin_site.admin_view(self._guarded(view, wanted)), name=self.name_of(name))

    def name_of(self, name: str) -> str:
        """The name of an address."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def address(self, name: str = "changelist", *arguments: Any) -> str:
        """An address of this page on its own site."""
        return reverse(f"admin:{self.name_of(name)}", args=arguments, current_app=self.admin_site.name)

    def page_of(self, **kwargs: Any) -> str:
        """The page of a form, for whoever opens the address that the form is sent to; the list, if not told."""
        return self.address()

    def draw(
        self,
        request: HttpRequest,
        template: str,
        context: Mapping[str, Any],
        *,
        title: str = "",
        status: int = 200,
        above: tuple[str, str] | None = None,
    ) -> HttpResponse:
        """The content within the site's own frame; `above` is address and name of the page that this one is under."""
        request.current_app = self.admin_site.name
        around = {
            **self.admin_site.each_context(request),
            "title": title or str(self.opts.verbose_name_plural).capitalize(),
            "opts": self.opts,
            "above": above,
            "styles": [assets.url("pages.css"), assets.url("admin.css")],
        }
        return TemplateResponse(request, f"admin/crm_assist/{template}", {**around, **context}, status=status)

    def _guarded(self, view: View, methods: tuple[str, ...]) -> View:
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if request.method in ("GET", "HEAD") and not {"GET", "HEAD"} & set(methods):
                return HttpResponseRedirect(self.page_of(**kwargs))
            if request.method not in methods:
                return HttpResponse(status=405, headers={"Allow": ", ".join(methods)})
            try:
                return view(request, principal_of(request), **kwargs)
            except Exception as error:
                problem = not_found() if isinstance(error, Http404) else problem_of(error)
                if problem is None:
                    raise
                roll_back()
                return self.refuse(request, problem)

        return guarded

    def refuse(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """What went wrong, with its status, as on every other surface."""
        return self.draw(request, "problem.html", {"problem": problem}, title=problem.title, status=problem.status)


def number_in(request: HttpRequest, name: str, *, most: int) -> int:
    """A number from 0 to `most` in the address; 0 for none and for what is none."""
    found = request.GET.get(name, "")
    return min(int(found), most) if found.isdecimal() and found.isascii() and len(found) < 10 else 0


def text_in(request: HttpRequest, name: str, *, longest: int = 100) -> str:
    """A text in the address, cut at `longest`; zero characters are left out, which no database takes."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:longest]


def principal_may(principal: Principal, *permissions: str) -> bool:
    """Whether the person holds any of these."""
    return any(principal.may(permission) for permission in permissions)
