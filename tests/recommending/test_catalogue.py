"""The products of a tenant: saved all or none, a change raises the version, a wrong value is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from crm_assist.recommending.catalogue import catalogue, facts_of, save_products
from crm_assist.recommending.models import Product, validate_texts
from crm_assist.types import ProductFacts

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEXTS = {"en": {"name": "Deposit", "benefit": "Interest"}, "fr": {"name": "Dépôt", "benefit": "Intérêts"}}


def row(code: str = "deposit", **values: Any) -> dict[str, Any]:
    given = {"code": code, "target": "orders", "value": "25.50", "valid_from": NOW, "texts": TEXTS}
    return given | values


def save(*rows: dict[str, Any], tenant: str = "", now: datetime = NOW) -> int:
    return save_products(tenant=tenant, rows=rows, now=now)


def test_save__new_products__begin_at_version_one() -> None:
    assert save(row(), row("card")) == 2
    assert list(catalogue("").values_list("code", "version")) == [("card", 1), ("deposit", 1)]


def test_save__the_same_again__changes_nothing() -> None:
    save(row())
    for same in (row(), row(value=25.5), row(value=Decimal("25.50"))):
        assert save(same, now=NOW + timedelta(days=1)) == 0
    kept = Product.objects.get()
    assert (kept.version, kept.changed_at) == (1, NOW)


@pytest.mark.parametrize("change", [{"value": "26"}, {"target": "wants_deposit"}, {"texts": {"en": TEXTS["en"]}}])
def test_save__a_change__raises_the_version(change: dict[str, Any]) -> None:
    save(row())
    assert save(row(**change), now=NOW + timedelta(days=1)) == 1
    changed = Product.objects.get()
    assert (changed.version, changed.changed_at) == (2, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value": "-1"}, "value"),
        ({"value": "much"}, "value"),
        ({"code": "Not a code"}, "code"),
        ({"texts": {}}, "texts"),
        ({"texts": {"en": {"name": "Deposit"}}}, "texts"),
        ({"target": ""}, "target"),
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"currency": "EURO"}, "currency"),
        ({"code": ""}, "code"),
        ({"tenant": "acme"}, "tenant"),
        ({"version": 7}, "version"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_save__one_wrong_row__is_refused_by_field_and_nothing_written(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        save(row("card"), row(**wrong))
    assert list(refusal.value.message_dict) == [field]
    assert not Product.objects.exists()


def test_save__wrong_change_of_a_known_product__is_refused_by_field() -> None:
    save(row())
    with pytest.raises(ValidationError) as refusal:
        save(row(value="much"))
    assert list(refusal.value.message_dict) == ["value"]
    assert Product.objects.get().value == Decimal("25.50")


def test_save__same_code_of_two_tenants__are_two_products() -> None:
    save(row())
    save(row(value="1"), tenant="acme")
    assert Product.objects.count() == 2
    assert Product.objects.get(tenant="").version == 1


def test_catalogue__tenant__sees_its_own_before_those_of_all_and_no_others() -> None:
    save(row(), row("card"))
    save(row(value="1"), tenant="acme")
    save(row("secret"), tenant="zeta")
    seen = catalogue("acme").values_list("code", "tenant")
    assert list(seen) == [("card", ""), ("deposit", "acme"), ("deposit", "")]


def test_facts__product__is_a_value_without_texts() -> None:
    save(row(valid_until=NOW + timedelta(days=9), group="saving", adapter="bank.Customer"))
    assert facts_of(Product.objects.get()) == ProductFacts(
        code="deposit",
        version=1,
        adapter="bank.Customer",
        target="orders",
        value=25.5,
        currency="EUR",
        group="saving",
        valid_from=NOW,
        valid_until=NOW + timedelta(days=9),
    )


@pytest.mark.parametrize(
    ("language", "name"), [("fr", "Dépôt"), ("fr-ch", "Dépôt"), ("en", "Deposit"), ("de", "Deposit")]
)
def test_text__language_in_force__else_english(language: str, name: str) -> None:
    with translation.override(language):
        product = Product(code="deposit", texts=TEXTS)
        assert (product.text("name"), str(product), product.text("details")) == (name, name, "")


def test_text__no_english__takes_any_and_no_text_is_empty() -> None:
    with translation.override("de"):
        assert Product(texts={"fr": TEXTS["fr"]}).text("name") == "Dépôt"
        assert Product(texts={}).text("name") == ""


@pytest.mark.parametrize(
    "value",
    [None, [], {}, "text", {"en": "Deposit"}, {"en": {"name": " ", "benefit": "x"}}, {"en": {"name": 1, "benefit": ""}},
     {"en": {"name": "x", "benefit": "y", "colour": "z"}}, {"en": TEXTS["en"], "fr": {"name": "x"}}],
)  # fmt: skip
def test_validate_texts__incomplete_or_foreign__is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        validate_texts(value)
