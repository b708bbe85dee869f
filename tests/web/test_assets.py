"""Script and style: through static files or by our own address, and nothing foreign in them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser

from crm_assist.web import assets


@pytest.mark.parametrize("name", assets.KINDS)
def test_url__with_staticfiles__changes_with_the_content(name: str) -> None:
    assert assets.url(name) == f"/static/crm_assist/{name}?v={assets.fingerprint(name)}"


@pytest.mark.parametrize("name", assets.KINDS)
def test_url__without_staticfiles__is_ours_and_cached_for_ever(name: str, settings: Any) -> None:
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "django.contrib.staticfiles"]
    answer = Browser().get(assets.url(name))
    assert answer.status_code == 200
    assert answer.content == assets.content(name)
    assert answer["Content-Type"] == assets.KINDS[name]
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize("address", ["000000000000/panel.js", "x/..%2Fconf.py", "x/conf.py", "x/../../urls.py"])
def test_asset__outdated_or_unknown__is_not_found(address: str) -> None:
    assert Browser().get(f"/assist/assets/{address}").status_code == 404


def test_panel_css__every_rule__is_scoped_under_our_class() -> None:
    text = re.sub(r"/\*.*?\*/", "", assets.content("panel.css").decode(), flags=re.S)
    text = re.sub(r"@(?:media|container|supports)[^{]*\{", "", text)
    selectors = [part.strip() for rule in re.findall(r"([^{}]+)\{", text) for part in rule.split(",")]
    assert len(selectors) > 50
    assert [one for one in selectors if ".crm-assist" not in one] == []


def test_panel_js__nothing_inline_foreign_or_evaluated() -> None:
    text = assets.content("panel.js").decode()
    for forbidden in ("eval(", "new Function", "innerHTML", "http://", "https://", "X-Requested-With", ".style"):
        assert forbidden not in text
