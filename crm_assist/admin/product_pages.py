"""The catalogue in the admin: what can be suggested, found by code, a page at a time."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.admin.own_page import OwnPage, number_in, text_in
from crm_assist.types import Principal
from crm_assist.web.products import row

ON_A_PAGE = 50


class ProductPages(OwnPage):
    """The products of the person's tenant."""

    readers = ("change_product_catalogue", "view_log", "change_phase")

    def addresses(self) -> list[URLPattern]:
        """The list."""
        return [self.route("", self.products, "changelist")]

    def products(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """The catalogue, by code."""
        asked, start = text_in(request, "q"), number_in(request, "start", most=10**6)
        rows = flow.products(principal, search=asked, start=start, most=ON_A_PAGE + 1)
        kept = {"q": asked} if asked else {}
        later, earlier = urlencode({**kept, "start": start + ON_A_PAGE}), max(0, start - ON_A_PAGE)
        context = {
            "products": [row(one) for one in rows[:ON_A_PAGE]],
            "asked": asked,
            "later": f"?{later}" if len(rows) > ON_A_PAGE else "",
            "earlier": f"?{urlencode({**kept, 'start': earlier})}" if start else "",
        }
        return self.draw(request, "products.html", context, title=_("Products"))
