from __future__ import annotations

import hashlib
import hmac
import re

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.journal.pseudonyms import Names, export_key

PARTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1f"), min_size=1)


@given(PARTS, PARTS)
def test_customer__any_two_keys__have_two_names_that_tell_neither(one: str, other: str) -> None:
    names = Names(key=b"k" * 32)
    first, second = (names.customer(model_label="crm.Customer", tenant="", key=key) for key in (one, other))
    assert re.fullmatch("c[0-9a-f]{32}", first)
    assert (first == second) == (one == other)


def test_names__formula__is_the_documented_one() -> None:
    with override_settings(CRM_ASSIST={"EXPORT_KEY": "sixteen letters!"}):
        key = hmac.new(b"sixteen letters!", b"crm_assist.pseudonyms", hashlib.sha256).digest()
        text = b"crm.Customer\x1fnorth\x1f42"
        told = Names().customer(model_label="crm.Customer", tenant="north", key="42")
        assert told == "c" + hmac.new(key, text, hashlib.sha256).hexdigest()[:32]
        agent = hmac.new(key, b"north\x1f7", hashlib.sha256).hexdigest()[:32]
        assert Names().agent(tenant="north", key="7") == "a" + agent


def test_key__without_setting__follows_djangos_secret_and_is_not_it() -> None:
    with override_settings(SECRET_KEY="one", CRM_ASSIST={}):
        one = export_key()
    with override_settings(SECRET_KEY="two", CRM_ASSIST={}):
        assert export_key() != one
    with override_settings(SECRET_KEY="two", CRM_ASSIST={"EXPORT_KEY": "one"}):
        assert export_key() == one, "the setting comes before Django's secret"
    assert b"one" not in one


@pytest.mark.parametrize("kind", ["agent", "customer"])
def test_names__of_two_tenants__differ(kind: str) -> None:
    names, more = Names(key=b"k"), {"model_label": "m"} if kind == "customer" else {}
    assert getattr(names, kind)(tenant="a", key="1", **more) != getattr(names, kind)(tenant="b", key="1", **more)


def test_names__in_clear__are_the_keys_and_have_no_mark() -> None:
    names = Names(clear=True)
    assert names.customer(model_label="m", tenant="", key="42") == "42"
    assert names.agent(tenant="", key="7") == "7"
    assert names.mark == ""


def test_agent__nobody__has_no_name() -> None:
    assert Names(key=b"k").agent(tenant="", key="") == ""


def test_mark__tells_keys_apart_and_nothing_of_them() -> None:
    one, two = Names(key=b"one"), Names(key=b"two")
    assert one.mark != two.mark
    assert one.mark == Names(key=b"one").mark
    assert "6f6e65" not in one.mark + repr(one), "the key stands nowhere"
