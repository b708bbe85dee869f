"""The products of one tenant, as values for eligibility and ranking and as texts for the screen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from crm_assist.recommending.models import Product
from crm_assist.types import ProductFacts


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


def save_products(*, tenant: str, rows: Iterable[dict[str, Any]], now: datetime) -> int:
    """Create or change products by code, all or none; a change raises the version. Says how many changed."""
    changed = 0
    with transaction.atomic():
        for values in rows:
            code = values["code"]
            known = Product.objects.select_for_update().filter(tenant=tenant, code=code).first()
            product = known or Product(tenant=tenant, code=code, version=0)
            if known and not _differs(product, values):
                continue
            for name, value in values.items():
                setattr(product, name, value)
            product.version += 1
            product.changed_at = now
            product.full_clean(validate_unique=False, validate_constraints=False)
            product.save()
            changed += 1
    return changed


def _differs(product: Product, values: dict[str, Any]) -> bool:
    """Whether any value, read as its field reads it, is another than the product has."""
    fields: Any = product._meta
    return any(getattr(product, name) != fields.get_field(name).to_python(value) for name, value in values.items())
