"""Who may import what; the layers themselves are the import-linter contract in `.importlinter`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, Import, Module, modules

# Where an optional package may be imported; that no page needs such a module is the wheel's test.
OPTIONAL = {
    "sklearn": ("crm_assist.learning",),
    "scipy": ("crm_assist.learning",),
    "numpy": (
        "crm_assist.journal.reading",
        "crm_assist.learning",
        "crm_assist.scorecards.batch",
        "crm_assist.scorecards.stack",
        "crm_assist.scorecards.stack_pairs",
        "crm_assist.scoring.rescore",
    ),
    "pandas": (),
    "pyarrow": ("crm_assist.journal.arrow",),
    "psycopg": ("crm_assist.journal", "crm_assist.scoring"),
    "rest_framework": ("crm_assist.api",),
    "prometheus_client": ("crm_assist.metrics",),
    "celery": ("crm_assist.schedule", "crm_assist.tasks"),
}
PUBLIC_ROOMS = {
    "customers",
    "features",
    "flow",
    "learning",
    "management",
    "roles",
    "schedule",
    "scorecards",
    "signals",
    "testing",
    "types",
}


def _within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _found(*packages: str) -> list[tuple[Module, Import]]:
    return [(module, found) for module in modules(*packages) for found in module.imports()]


def test_layers__contract__is_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", sorted(OPTIONAL))
def test_optional_package__is_imported__only_in_its_rooms(package: str) -> None:
    wrong = [
        f"{module.place}:{found.line}"
        for module, found in _found("crm_assist")
        if _within(found.name, (package,)) and not _within(module.name, OPTIONAL[package])
    ]
    assert wrong == [], f"{package} is optional; only {OPTIONAL[package]} may import it"


def test_product__never_imports_its_demo_its_tests_or_its_benchmarks() -> None:
    foreign = ("project", "tests", "benchmarks", "fixtures", "docs")
    wrong = [f"{m.place}:{i.line} {i.name}" for m, i in _found("crm_assist") if _within(i.name, foreign)]
    assert wrong == []


def test_demo_bank__imports__only_the_public_surface() -> None:
    wrong = [
        f"{module.place}:{found.line} {found.name}"
        for module, found in _found("project", "fixtures")
        if _within(found.name, ("crm_assist",)) and found.name.split(".")[1] not in PUBLIC_ROOMS
    ]
    assert wrong == [], f"the demo is a host: it may import {sorted(PUBLIC_ROOMS)}"


def test_testing__is_imported__by_no_room() -> None:
    wrong = [f"{m.place}:{i.line}" for m, i in _found("crm_assist") if _within(i.name, ("crm_assist.testing",))]
    assert wrong == []


def test_local_import__says_why__in_a_comment_on_its_line_or_above_it() -> None:
    silent = []
    for module, found in _found("crm_assist", "project"):
        lines = module.text.splitlines()
        # A run of local imports shares the comment above its first line.
        first = found.line
        while first > 1 and lines[first - 2].strip().startswith(("import ", "from ")):
            first -= 1
        told = lines[first - 1 : found.line] + lines[first - 2 : first - 1]
        if found.local and not any("#" in line for line in told):
            silent.append(f"{module.place}:{found.line} {found.name}")
    assert silent == [], "an import inside a function needs a comment saying which optional package or cycle it serves"


def test_local_imports_of_our_own__are_a_handful() -> None:
    own = [
        f"{m.place}:{i.line} {i.name}" for m, i in _found("crm_assist") if i.local and _within(i.name, ("crm_assist",))
    ]
    assert len({place.rpartition(" ")[0] for place in own}) <= 9, own
