"""After an uninstall by the page nothing of ours is left in the host's database, and all of theirs is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from project.database import from_url
from tests.docs.follow import ROOT, follow, run
from tests.docs.test_readme__sqlite import INSTALL, host

PAGE = (ROOT / "docs" / "how-to" / "uninstall.md").read_text().replace("   ```", "```").replace("\n   ", "\n")
LEFT = """
from django.apps import apps
from django.db import connection
from django.contrib.auth.models import Group, Permission
cursor = connection.cursor()
def rows(sql):
    cursor.execute(sql)
    return [tuple(map(str, row)) for row in cursor.fetchall()]
catalogue = {
    "sqlite": ["SELECT type, name, tbl_name FROM sqlite_master"],
    "postgresql": [
        "SELECT relkind, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'",
        "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'",
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    ],
}[connection.vendor]
said = [row for sql in catalogue for row in rows(sql)]
said += rows("SELECT app, name FROM django_migrations")
said += rows("SELECT app_label, model FROM django_content_type")
said += [(one.codename,) for one in Permission.objects.all()] + [(one.name,) for one in Group.objects.all()]
said += [(model._meta.label, str(model.objects.count())) for model in apps.get_app_config("shop").get_models()]
print(*sorted(said), sep="\\n")
"""
DATABASE = """
import os
from project.database import from_url
if os.environ.get("UNINSTALL_DATABASE"):
    DATABASES = {"default": from_url(os.environ["UNINSTALL_DATABASE"])}
"""


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database of the host's own: a file, or a new one on the server of the suite."""
    if os.environ["TEST_DB"] == "sqlite":
        yield
        return
    name = f"test_uninstall_{os.getpid()}"
    given: dict[str, Any] = from_url(os.environ["DATABASE_URL"])
    words = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    with psycopg.connect(**words, dbname=given["NAME"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    monkeypatch.setenv("UNINSTALL_DATABASE", base.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else ""))
    yield
    with psycopg.connect(**words, dbname=given["NAME"], autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def left(folder: Path) -> str:
    return run(["python", "manage.py", "shell", "--verbosity", "0", "--command", LEFT], folder)


def test_uninstall__followed_after_the_install__leaves_nothing(tmp_path: Path, database: None) -> None:
    host(tmp_path, settings=DATABASE)
    theirs = {path: path.read_text() for path in tmp_path.rglob("*") if path.suffix in (".py", ".html")}
    before = left(tmp_path)
    wiring, then, once = INSTALL.partition("In `python manage.py shell`")
    follow(wiring, tmp_path)
    run(["python", "manage.py", "migrate"], tmp_path)
    run(["python", "manage.py", "crm_assist_roles"], tmp_path)
    follow(then + once.partition("crm_assist_fit")[0].rpartition("```sh")[0], tmp_path)
    run(["python", "manage.py", "crm_assist_log", "seal"], tmp_path)
    with_us = left(tmp_path)
    assert "crm_assist_decision" in with_us
    assert "CRM assist: Agents" in with_us
    steps, stale = PAGE.split("4. Remove the rows")
    follow(steps, tmp_path)
    for path, text in theirs.items():
        path.write_text(text)
    (tmp_path / "shop" / "assist.py").unlink()
    follow(stale, tmp_path)
    assert left(tmp_path) == before
