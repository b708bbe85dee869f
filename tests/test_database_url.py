"""DATABASE_URL is read as people write it, and refused in words that help."""

from __future__ import annotations

import pytest

from project.database import DatabaseUrlError, from_url


def test_from_url__every_part__lands_in_its_place() -> None:
    entry = from_url("postgresql://ana:p%40ss%2Fword@db.bank.example:5433/crm?sslmode=require&connect_timeout=5")
    assert entry == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "crm",
        "USER": "ana",
        "PASSWORD": "p@ss/word",
        "HOST": "db.bank.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require", "connect_timeout": "5"},
    }


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite://", ":memory:"),
        ("sqlite:///:memory:", ":memory:"),
        ("sqlite:///demo.sqlite3", "demo.sqlite3"),
        ("sqlite:////var/lib/demo.sqlite3", "/var/lib/demo.sqlite3"),
    ],
)
def test_from_url__sqlite__names_the_file(url: str, name: str) -> None:
    assert from_url(url) == {"ENGINE": "django.db.backends.sqlite3", "NAME": name}


@pytest.mark.parametrize(("host", "expected"), [("[::1]:5432", "::1"), ("%2Frun%2Fpostgresql", "/run/postgresql")])
def test_from_url__addresses_and_sockets__are_hosts(host: str, expected: str) -> None:
    assert from_url(f"postgres://u@{host}/crm")["HOST"] == expected


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("mysql://root:secret@localhost/crm", "'mysql'"),
        ("crm.sqlite3", "scheme ''"),
        ("postgresql://u:secret@localhost", "name of the database"),
        ("postgresql://u:secret@localhost:99999/crm", "'99999'"),
        ("postgresql://u:secret@localhost:port/crm", "'port'"),
    ],
)
def test_from_url__what_cannot_be_used__is_refused_without_the_password(url: str, word: str) -> None:
    with pytest.raises(DatabaseUrlError, match=r"^DATABASE_URL: ") as caught:
        from_url(url)
    assert word in str(caught.value)
    assert "secret" not in str(caught.value)
