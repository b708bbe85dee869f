"""The OpenAPI description: valid 3.1, complete, with examples that are true, and a page without outside addresses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.contrib.staticfiles import finders
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.validation import validate_schema

from crm_assist.api.documenting import PROBLEM
from crm_assist.api.operations import VIEWS, operations
from crm_assist.api.views import PostView
from crm_assist.checks import site
from tests.api.conftest import ROOT, Program
from tests.desk_bank import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Any:
    return Program(person("ann")).get("openapi.json").json()


def each(document: Any) -> list[tuple[str, str, Any]]:
    """Method, path and operation."""
    return [(method, path, one) for path, item in document["paths"].items() for method, one in item.items()]


def test_document__is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    validate_schema(document)


def test_document__has_every_operation_under_the_prefix_of_the_host(document: Any) -> None:
    assert len(document["paths"]) == len(VIEWS) == len(operations)
    assert all(path.startswith(f"{ROOT}/") and path.endswith("/") for path in document["paths"])
    names = [one["operationId"] for _method, _path, one in each(document)]
    assert len(names) == len(set(names))


def test_operations__each__are_described_with_examples_of_what_is_sent_told_and_refused(document: Any) -> None:
    for method, path, one in each(document):
        where = f"{method} {path}"
        assert one["summary"], where
        assert one["tags"] != [""], where
        assert one["security"], where
        bodies = [one["requestBody"]["content"]] if "requestBody" in one else []
        contents = bodies + [told["content"] for told in one["responses"].values() if "content" in told]
        assert [c for content in contents for c in content.values() if not c.get("examples")] == [], where
        refusals = {code for code, told in one["responses"].items() if PROBLEM in told.get("content", {})}
        assert refusals >= {"400", "401", "403", "404", "406", "429", "503"}, where
        assert "Idempotency-Key" in {p["name"] for p in one["parameters"]} or method != "post", where


def test_examples__each__follows_its_own_schema(document: Any) -> None:
    resolver = {"components": document["components"]}
    checked = 0
    for method, path, one in each(document):
        bodies = [one["requestBody"]["content"]] if "requestBody" in one else []
        for content in bodies + [told.get("content", {}) for told in one["responses"].values()]:
            for media in content.values():
                for example in media["examples"].values():
                    try:
                        jsonschema.validate(example["value"], {**media["schema"], **resolver})
                    except jsonschema.ValidationError as error:
                        raise AssertionError(f"{method} {path}: {error.message}") from error
                    checked += 1
    assert checked > 200


def test_posts__all__take_a_key() -> None:
    assert all(issubclass(view, PostView) for view, _name in VIEWS.values() if hasattr(view, "post"))


def test_making_it__leaves_the_hosts_own_settings_alone(document: Any) -> None:
    assert spectacular_settings.TITLE == ""
    assert spectacular_settings.OAS_VERSION == "3.0.3"


def test_yaml__is_the_same_document(document: Any) -> None:
    reply = Program(person("bob")).get("openapi.yaml")
    assert yaml.safe_load(reply.content) == document


def test_page__asks_this_server_alone() -> None:
    text = Program(person("ann")).get("docs/").content.decode()
    assert not re.search(r"(src|href)=\"(?!/static/|data:)", text)
    for name in re.findall(r"/static/([^\"]+)", text):
        assert Path(finders.find(name) or "").is_file(), name
    assert f'data-description="{ROOT}/openapi.json"' in text


def test_page__without_the_viewer__says_what_is_missing(settings: Any) -> None:
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "drf_spectacular_sidecar"]
    reply = Program(person("ann")).get("docs/")
    assert (reply.status_code, reply.json()["code"]) == (404, "no_viewer")
    assert [message.id for message in site.check_api()] == ["crm_assist.W012"]


def test_check__browsers_pages_without_their_app__is_told(settings: Any) -> None:
    assert site.check_api() == []
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "rest_framework"]
    assert [message.id for message in site.check_api()] == ["crm_assist.W011"]
    settings.REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}
    assert site.check_api() == []
