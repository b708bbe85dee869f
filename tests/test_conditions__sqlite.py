"""A test file runs, or the run says why it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.__main__ import closing_line
from tests.conditions import conditions_now, needs_of

ROOT = Path(__file__).resolve().parents[1]


def met(root: Path, **environ: str) -> dict[str, bool]:
    """Suffix and whether such files run."""
    return {c.suffix: c.met for c in conditions_now(root=root, environ=environ)}


def test_conditions_now__databases__exclude_each_other(tmp_path: Path) -> None:
    for database, other in (("sqlite", "postgresql"), ("postgresql", "sqlite")):
        found = met(tmp_path, TEST_DB=database)
        assert (found[database], found[other]) == (True, False)


def test_conditions_now__shared_data__lies_beside_the_checkout(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    assert met(root)["real_data"] is False
    (tmp_path / "shared" / "data").mkdir(parents=True)
    assert met(root)["real_data"] is True


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("test_load__real_data.py", ["real_data"]),
        ("test_panel__browser.py", ["browser"]),
        ("test_guards__postgresql.py", ["postgresql"]),
        ("test_wheel__sqlite.py", ["sqlite"]),
        ("test_killed__broker__postgresql.py", ["broker", "postgresql"]),
        ("test_browser.py", []),
        ("test_load__real_data.csv", []),
    ],
)
def test_needs_of__name__tells_them(name: str, needs: list[str]) -> None:
    found = needs_of(Path(name), conditions_now(root=ROOT, environ={}))
    assert [condition.suffix for condition in found] == needs


def collect(file: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """What pytest says when it collects that file in such an environment."""
    command = [sys.executable, "-m", "pytest", "--collect-only", file]
    base = {"PATH": "/nowhere", "PYTHONPATH": str(ROOT), "TEST_DB": "sqlite"}
    return subprocess.run(command, cwd=ROOT, env={**base, **environ}, text=True, capture_output=True)


@pytest.mark.parametrize("environ", [{}, {"CHROMIUM": "/no/such/browser"}])
def test_missing_chromium__on_a_desk__is_said_loudly(environ: dict[str, str]) -> None:
    done = collect("tests/test_database_url.py", **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT TESTED" in done.stdout
    assert done.stdout.count("NO page was tried in a browser") == 2


def test_missing_chromium__in_continuous_integration__is_an_error() -> None:
    done = collect("tests/test_database_url.py", CI="true")
    assert done.returncode == 4
    assert "no Chromium found" in done.stderr


def test_unknown_database__is_refused() -> None:
    done = collect("tests/test_database_url.py", TEST_DB="oracle")
    assert done.returncode == 4
    assert "TEST_DB='oracle': choose sqlite or postgresql" in done.stderr


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("x\n=== 3 passed in 0.80s ===\n", "=== 3 passed in 0.80s ==="),
        (
            "\x1b[32m== \x1b[1m2 passed\x1b[0m in 61.20s (0:01:01) ==\x1b[0m\nbye",
            "== 2 passed in 61.20s (0:01:01) ==",
        ),
        ("== 1 failed, 1 passed in 3.00s ==", "== 1 failed, 1 passed in 3.00s =="),
        ("== no tests ran in 0.01s ==", "== no tests ran in 0.01s =="),
        ("Killed", ""),
    ],
)
def test_closing_line__of_a_run__is_found(output: str, line: str) -> None:
    assert closing_line(output) == line
