"""Product names that wait for the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import lazy as lazily
from django.utils.translation import get_language

from fixtures.products import product_codes, product_names


def product_name(code: str) -> str:
    """The product's name in the language in force; the code itself if the bank no longer knows it."""
    return product_names(get_language() or "en").get(code, code)


def lazy_product_names() -> Mapping[str, str]:
    """Every product's name, translated when it is shown."""
    name = lazily(product_name, str)
    return {code: name(code) for code in product_codes()}
