"""The demo bank as its own settings make it, and a small bank in its tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from fixtures.bank import generate
from fixtures.rows import Bank
from project import settings as bank_settings
from project.crm.models import AgentProfile, Branch
from project.demo.filling import fill

NOW = datetime(2026, 3, 12, 15, 30, tzinfo=UTC)
AS_THE_BANK = (
    "AUTHENTICATION_BACKENDS",
    "LANGUAGES",
    "LANGUAGE_CODE",
    "LOCALE_PATHS",
    "LOGIN_REDIRECT_URL",
    "LOGIN_URL",
    "LOGOUT_REDIRECT_URL",
    "MIDDLEWARE",
    "ROOT_URLCONF",
    "TEMPLATES",
)


@pytest.fixture(autouse=True)
def bank_site(settings: Any) -> None:
    """Pages, languages and log-in as in `project.settings`; DEBUG stays off."""
    for name in AS_THE_BANK:
        setattr(settings, name, getattr(bank_settings, name))


@pytest.fixture(scope="session")
def small_bank() -> Bank:
    """120 customers, always the same."""
    return generate(now=NOW, customers=120, seed=7)


@pytest.fixture
def filled(db: None, small_bank: Bank) -> Bank:
    """The small bank in the tables."""
    fill(small_bank)
    return small_bank


@pytest.fixture
def client_of(db: None) -> Callable[..., Client]:
    """Logs somebody in who works in a branch, or nowhere, and holds the permissions named."""

    def log_in(branch: str | None = None, *permissions: str, **more: Any) -> Client:
        user = User.objects.create_user("somebody", first_name="Ada", **more)
        for name in permissions:
            app, codename = name.split(".")
            user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        if branch:
            AgentProfile.objects.create(user=user, branch=Branch.objects.get(code=branch))
        client = Client()
        client.force_login(user)
        return client

    return log_in


HEADER = (
    "age;job;marital;education;default;housing;loan;contact;month;day_of_week;duration;campaign;pdays;previous;"
    "poutcome;emp.var.rate;cons.price.idx;cons.conf.idx;euribor3m;nr.employed;y"
)


def campaign_line(index: int, **changes: str) -> str:
    """One well-formed line of the original file, in May or June 2008, with some values changed."""
    values = {
        "age": str(20 + index % 50),
        "job": ("admin.", "retired", "student", "services")[index % 4],
        "marital": "married",
        "education": "university.degree",
        "default": "no",
        "housing": "yes",
        "loan": "unknown",
        "contact": "cellular" if index % 3 else "telephone",
        "month": "may" if index < 200 else "jun",
        "day_of_week": ("mon", "tue", "wed", "thu", "fri")[index // 20 % 5],
        "duration": "120",
        "campaign": "1",
        "pdays": "999" if index % 5 else "6",
        "previous": "0",
        "poutcome": "nonexistent",
        "emp.var.rate": "1.1",
        "cons.price.idx": "93.994",
        "cons.conf.idx": "-36.4",
        "euribor3m": "4.857",
        "nr.employed": "5191",
        "y": "yes" if index % 7 == 0 else "no",
    }
    values |= changes
    return ";".join(values.values())


@pytest.fixture
def campaign_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of the original format: so many lines, or the lines given."""

    def write(count: int = 0, *, lines: list[str] | None = None, header: str = HEADER) -> Path:
        path = tmp_path / "bank-additional-full.csv"
        body = lines if lines is not None else [campaign_line(index) for index in range(count)]
        path.write_text("\n".join([header, *body]) + "\n", encoding="utf-8")
        return path

    return write
