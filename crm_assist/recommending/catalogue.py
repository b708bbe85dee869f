"""The products of one tenant, as values for eligibility and ranking and as texts for the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from crm_assist.events import emit_on_commit
from crm_assist.recommending.models import Product
from crm_assist.types import ProductFacts

FIELDS = (
    "code",
    "adapter",
    "group",
    "target",
    "value",
    "currency",
    "regulated",
    "valid_from",
    "valid_until",
    "texts",
)
"""What an editor of the catalogue may give; the rest is ours to keep."""


def catalogue(tenant: str) -> QuerySet[Product]:
    """The products of a tenant and those of all tenants, by code."""
    return Product.objects.filter(Q(tenant=tenant) | Q(tenant="")).order_by("code", "-tenant")


def facts_of(product: Product) -> ProductFacts:
    """The product as a value."""
    return ProductFacts(
        code=product.code,
        version=product.version,
        adapter=product.adapter,
        target=product.target,
        value=float(product.value),
        currency=product.currency,
        group=product.group,
        valid_from=product.valid_from,
        valid_until=product.valid_until,
    )


def save_products(*, tenant: str, rows: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Create or change products by code, all or none; a change raises the version. Says how many changed.

    Raises ValidationError with a message by field.
    """
    with transaction.atomic():
        changed = sum(_save(tenant, _checked(values), now) for values in rows)
        emit_on_commit("products.saved", tenant=tenant, changed=changed)
        return changed


def _checked(values: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in values:
        if name not in FIELDS:  # the tenant above all: whoever may edit one catalogue may not reach into another
            words = {"value": str(name)[:40], "known": ", ".join(FIELDS)}
            raise ValidationError({str(name): _("“%(value)s” cannot be given; use %(known)s.") % words})
    if not values.get("code"):
        raise ValidationError({"code": _("Give each product its code.")})
    return values


def _save(tenant: str, values: Mapping[str, Any], now: datetime) -> bool:
    known = Product.objects.select_for_update().filter(tenant=tenant, code=values["code"]).first()
    product = known or Product(tenant=tenant, version=0)
    before = {name: getattr(product, name) for name in values}
    for name, value in values.items():
        setattr(product, name, value)
    product.full_clean(validate_unique=False, validate_constraints=False)
    if known and before == {name: getattr(product, name) for name in values}:
        return False
    product.version += 1
    product.changed_at = now
    product.save()
    return True
