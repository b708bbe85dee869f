"""Every misconfiguration has an id and says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import models
from django.db.models import F, Q
from django.test import override_settings
from django.urls import include, path

from crm_assist import checks, conf, customers
from crm_assist import features as f
from crm_assist.checks.settings import RANGES
from crm_assist.customers import registration
from tests.hosts.desk.models import Client, FavouredClient
from tests.hosts.shapes.models import Dossier


class Told(customers.CustomerAdapter):
    """An adapter about which there is nothing to say."""

    features = [f.Number("balance", F("balance"), label="Balance", history=False)]

    def visible(self, principal: Any, queryset: Any) -> Any:
        return queryset

    def consent(self, obj: Any) -> Any:
        raise NotImplementedError


def ids(messages: list[CheckMessage]) -> list[str]:
    assert all(message.hint for message in messages), "a message without a hint"
    return [str(message.id).removeprefix("crm_assist.") for message in messages]


def of_settings(value: Any) -> list[str]:
    with override_settings(CRM_ASSIST=value):
        return ids(checks.check_settings())


def test_settings__use_tz_off__e006() -> None:
    with override_settings(USE_TZ=False):
        assert ids(checks.check_settings()) == ["E006"]


def test_settings__token_short_or_not_to_be_sent__e007_and_wrong_type_keeps_it_secret() -> None:
    assert of_settings({"MONITOR_TOKEN": "short"}) == ["E007"]
    assert of_settings({"EXPORT_KEY": "short"}) == ["E007"]
    assert of_settings({"MONITOR_TOKEN": "a token with spaces in it"}) == ["E007"]
    assert of_settings({"MONITOR_TOKEN": "é" * 16}) == ["E007"]
    assert of_settings({"MONITOR_TOKEN": ""}) == of_settings({"MONITOR_TOKEN": "x" * 16}) == []
    with override_settings(CRM_ASSIST={"MONITOR_TOKEN": b"secret-in-bytes-1"}):
        (message,) = checks.check_settings()
    assert "secret" not in message.msg


def test_settings__key_for_heads_short_or_file_relative__e009_and_no_message_shows_a_key() -> None:
    assert of_settings({"SEAL_KEY": "short"}) == of_settings({"HEAD_FILE": "heads.jsonl"}) == ["E009"]
    assert of_settings({"SEAL_KEY": "", "HEAD_FILE": ""}) == []
    assert of_settings({"SEAL_KEY": "x" * 32, "HEAD_FILE": "/var/log/heads.jsonl"}) == []
    for wrong in ({"SEAL_KEY": "a-secret"}, {"SEAL_KEY": b"a-secret"}, {"SEAL_KEY_FALLBACKS": "a-secret"}):
        with override_settings(CRM_ASSIST=wrong):
            (message,) = checks.check_settings()
        assert "a-secret" not in message.msg


def test_settings__soft_limit_not_below_the_hard_one__e008() -> None:
    assert of_settings({"TASK_SOFT_SECONDS": 100, "TASK_HARD_SECONDS": 100}) == ["E008"]
    assert of_settings({"TASK_HARD_SECONDS": 10}) == ["E008"]
    assert of_settings({"TASK_SOFT_SECONDS": 9, "TASK_HARD_SECONDS": 10}) == []


@contextmanager
def alone(model: type[models.Model], adapter_class: type[customers.CustomerAdapter]) -> Iterator[None]:
    """Only this adapter is registered."""
    before = registration._registry._entries
    registration._registry._entries = {}
    try:
        with registration.registered(model, adapter_class):
            yield
    finally:
        registration._registry._entries = before


def of_adapter(model: type[models.Model] = Client, **members: Any) -> list[str]:
    with alone(model, type("Adapter", (Told,), members)):
        return ids(checks.check_adapters())


def of_features(*features: Any) -> list[str]:
    with alone(Client, type("Adapter", (Told,), {"features": features})):
        return ids(checks.check_features())


def of_number(source: Any, **options: Any) -> list[str]:
    return of_features(f.Number("x", source, label="X", **options))


def test_checks__of_the_test_project__find_nothing_but_what_is_known() -> None:
    assert set(ids(run_checks(tags=["crm_assist"]))) <= {"W004"}


def test_e001__settings_that_are_no_dictionary__are_told_and_do_not_crash() -> None:
    assert of_settings(["MAX_SUGGESTIONS"]) == ["E001"]
    with override_settings(CRM_ASSIST=None):
        assert conf.settings.MAX_SUGGESTIONS == 1


def test_e002__unknown_setting__names_the_one_that_was_meant() -> None:
    with override_settings(CRM_ASSIST={"MAX_SUGGESTION": 2}):
        (message,) = checks.check_settings()
    assert message.id == "crm_assist.E002"
    assert message.hint == "Did you mean MAX_SUGGESTIONS?"
    assert of_settings({"zzz": 1, 5: 1}) == ["E002", "E002"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_SUGGESTIONS", "3"), ("MAX_SUGGESTIONS", True), ("MAX_SUGGESTIONS", 2.0), ("BUCKET_SALT", 5),
     ("RESCORE_ON_CHANGE", 1), ("EXTRA_SENDERS", "desk.Contact:client"), ("EXTRA_SENDERS", [5]),
     ("POLL_SECONDS", None)],
)  # fmt: skip
def test_e003__setting_of_the_wrong_type__is_told(name: str, value: Any) -> None:
    assert of_settings({name: value}) == ["E003"]


@pytest.mark.parametrize("name", sorted(RANGES))
def test_e004__number_out_of_range__is_told(name: str) -> None:
    low, high = RANGES[name]
    assert not {"E004"} & {*of_settings({name: low}), *of_settings({name: high})}
    assert [of_settings({name: value}) for value in (low - 1, high + 1)] == [["E004"], ["E004"]]


def test_settings__every_default__is_in_range_and_every_number_has_one() -> None:
    defaults = {name: getattr(conf.settings, name) for name in conf.declared()}
    assert of_settings(defaults) == []
    assert {name for name, kind in conf.declared().items() if kind is int} == set(RANGES)


def test_e005__sender_that_leads_nowhere__is_told() -> None:
    assert of_settings({"EXTRA_SENDERS": ["desk.Contact:client", "desk.Contact:nobody"]}) == ["E005"]


@pytest.mark.parametrize(("thing", "expected"), [(object, "E010"), (FavouredClient, "E012")])
def test_e010_to_e013__what_cannot_hold_customers__is_told(thing: Any, expected: str) -> None:
    customers.register(thing)(Told)
    try:
        assert ids(checks.check_registration()) == [expected]
    finally:
        registration.misfits.clear()


def test_e011_and_e013__abstract_and_swapped_models__are_told() -> None:
    class Abstract(models.Model):
        class Meta:
            abstract = True
            app_label = "desk"

    class Swapped:
        class _meta:
            abstract, proxy, swapped, label = False, False, "x.Y", "desk.Swapped"

    for thing, fault in ((Abstract, "abstract"), (Swapped, "swapped")):
        registration.misfits.append(registration.Misfit(model=thing, adapter=Told, fault=fault))
    try:
        assert ids(checks.check_registration()) == ["E011", "E013"]
    finally:
        registration.misfits.clear()


def test_w001__nothing_registered__is_told() -> None:
    before = registration._registry._entries
    registration._registry._entries = {}
    try:
        assert ids(checks.check_registration()) == ["W001"]
    finally:
        registration._registry._entries = before


def test_e020__key_field_that_does_not_exist__is_told() -> None:
    assert of_adapter(key_field="nothing") == ["E020"]


@pytest.mark.parametrize("name", ["name", "owner"])
def test_e021__key_field_that_is_not_unique__is_told(name: str) -> None:
    assert of_adapter(key_field=name) == ["E021"]
    assert of_adapter(Dossier, key_field="reference") == []


def test_e022__main_target_that_is_no_text__is_told() -> None:
    assert of_adapter(main_target=5) == ["E022"]


def test_e023__question_with_other_parameters__is_told() -> None:
    assert of_adapter(consent=lambda self: None) == ["E023"]
    assert of_adapter(visible=lambda self, principal: None) == ["E023"]
    assert of_adapter(team=lambda self, obj, more=1: "") == []
    assert of_adapter(team=None) == ["E023"]
    assert of_adapter(team=staticmethod(lambda obj: "")) == []
    assert of_adapter(team=classmethod(lambda cls, obj: "")) == []


def test_w002_and_w003__host_that_says_nothing__is_told_what_follows() -> None:
    with alone(Client, customers.CustomerAdapter):
        assert ids(checks.check_adapters()) == ["W002", "W003"]


def test_w005__tenants_half_told__are_told() -> None:
    assert of_adapter(tenant=lambda self, obj: "x") == ["W005", "W005"]
    both = {"tenant": lambda self, obj: "x", "tenant_filter": lambda self, tenant: Q()}
    assert of_adapter(**both, principal=lambda self, request: None) == []


def test_w006__keys_that_may_be_too_long__are_told() -> None:
    class Long(models.Model):
        name = models.CharField(max_length=300, primary_key=True)

        class Meta:
            app_label = "desk"
            managed = False

        def __str__(self) -> str:
            return self.name

    try:
        assert of_adapter(Long) == ["W006"]
    finally:
        Long._meta.apps.all_models["desk"].pop("long")
        Long._meta.apps.clear_cache()


urlpatterns = [path("deep/", include(([path("er/", include(([], "crm_assist")))], "outer")))]


def test_w004__addresses_not_included__are_told_and_found_at_any_depth() -> None:
    with override_settings(ROOT_URLCONF=None):
        assert ids(checks.check_site()) == ["W004"]
    with override_settings(ROOT_URLCONF=__name__):
        assert checks.check_site() == []
