"""The catalogue to read: what can be suggested, in the reader's language, and until when."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.recommending.models import Product
from crm_assist.types import Principal
from crm_assist.web import edge, pages


@edge.for_person("GET", "HEAD")
def products(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Every product of the person's tenant."""
    rows = [row(product) for product in flow.products(principal)]
    return pages.page(request, principal, "crm_assist/products.html", {"products": rows})


def row(product: Product) -> dict[str, object]:
    """A product in words: texts, value, and whether it is on offer now."""
    now = timezone.now()
    until = product.valid_until
    waiting, over = now < product.valid_from, until is not None and now >= until
    return {
        "code": product.code,
        "version": product.version,
        "name": product.text("name"),
        "benefit": product.text("benefit"),
        "details": product.text("details"),
        "target": product.target,
        "value": f"{number_format(product.value, 2, use_l10n=True, force_grouping=True)} {product.currency}",
        "languages": ", ".join(sorted(product.texts)),
        "since": date_format(timezone.localtime(product.valid_from), "DATE_FORMAT"),
        "until": date_format(timezone.localtime(until), "DATE_FORMAT") if until else "",
        "state": _("Not yet") if waiting else _("Over") if over else _("On offer"),
        "is_on": not waiting and not over,
    }
