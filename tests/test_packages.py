"""The lowest versions that we ask for are asserted, since resolvers step back in silence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from crm_assist import packages
from crm_assist.checks.packages import check_packages
from crm_assist.packages import LOWEST, numbers, outdated

PYPROJECT = tomllib.loads((Path(__file__).resolve().parents[1] / "pyproject.toml").read_text())["project"]
NEED = re.compile(r"^(?P<name>[a-z-]+)(\[.*\])?>=(?P<lowest>[\d.]+)")


def asked(needs: list[str]) -> dict[str, str]:
    found = [NEED.match(need) for need in needs]
    return {one["name"]: one["lowest"] for one in found if one}


def test_lowest__every_package__is_that_of_pyproject() -> None:
    extras = PYPROJECT["optional-dependencies"]
    assert LOWEST[""] == asked(PYPROJECT["dependencies"])
    assert {extra: dict(found) for extra, found in LOWEST.items() if extra} == {
        extra: asked(extras[extra]) for extra in ("learn", "postgres", "api", "worker", "metrics", "parquet")
    }


def test_outdated__older_newer_and_absent__tells_the_older_alone() -> None:
    installed = {"django": "5.2", "celery": "5.10.1", "scikit-learn": "1.10", "djangorestframework": "3.16.9"}
    (found,) = outdated(installed.get)
    assert (found.package, found.installed, found.lowest, found.extra) == (
        "djangorestframework", "3.16.9", "3.17", "api"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "release"),
    [("6.1.dev3", (6, 1)), ("5.2rc1", (5, 2)), ("1!2.0.post1", (2, 0)), ("v3.1", (3, 1)), ("?", ())],
)
def test_numbers__odd_versions__give_their_release(text: str, release: tuple[int, ...]) -> None:
    assert numbers(text) == release


def test_check__here__finds_nothing() -> None:
    assert check_packages() == []


def test_check__old_package__w090_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.outdated, "__defaults__", ({"celery": "3.1"}.get,))
    (message,) = check_packages()
    assert message.id == "crm_assist.W090"
    assert message.msg == "celery 3.1 is installed; crm_assist was tried with 5.6 and later."
    assert "celery>=5.6" in str(message.hint)
    assert "crm-assist[worker]" in str(message.hint)
