"""`python -m tests.api.fuzz --cases 5000`: Schemathesis with all its checks against a real server on PostgreSQL.

The description is the one that the server gives; what really is in the bank (kinds, keys, ids) is added to it as
values worth trying, so that cases reach the flow and not only its doors.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASES = "CRM_ASSIST_FUZZ_CASES"
"""How many cases are wanted in all, by environment; about a minute's worth by default."""

CONFIG = """
[checks.positive_data_acceptance]
# Besides the usual: 422 is what follows the description and cannot be done all the same, such as a day in the past.
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one run: its cases, whether anything is to be mended, and all that was printed."""

    cases: int
    failed: bool
    text: str


def known_values(document: dict[str, Any], values: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """The document with values worth trying beside each parameter's and member's own schema, by name."""

    def within(node: Any) -> Any:
        if isinstance(node, list):
            return [within(one) for one in node]
        if not isinstance(node, dict):
            return node
        node = {name: within(one) for name, one in node.items()}
        if isinstance(node.get("name"), str) and "in" in node and node["name"] in values:
            node["schema"] = _either(node["schema"], values[node["name"]])
        for name, schema in list(node.get("properties", {}).items()):
            if name in values and isinstance(schema, dict) and "type" in schema:
                node["properties"][name] = _either(schema, values[name])
        return node

    return {**document, "paths": within(document["paths"]), "components": within(document["components"])}


def _either(schema: dict[str, Any], values: Sequence[Any]) -> dict[str, Any]:
    return {"anyOf": [{"enum": list(values)}, {"enum": list(values)}, schema]}


def without_keys(document: dict[str, Any]) -> dict[str, Any]:
    """The document without the header that makes the second of two requests a repetition: most cases would be one."""
    paths = json.loads(json.dumps(document["paths"]))
    for operation in (operation for path in paths.values() for operation in path.values()):
        given = operation.get("parameters", [])
        operation["parameters"] = [one for one in given if one["name"] != "Idempotency-Key"]
    return {**document, "paths": paths}


def run(url: str, document: Mapping[str, Any], folder: Path, *, login: str, cases: int, phases: str) -> Outcome:
    """Run the phases with every check against the server at `url`: some `cases`, or what one of each kind comes to."""
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "schemathesis.toml").write_text(CONFIG)
    program = str(Path(sys.executable).with_name("schemathesis"))
    each = max(cases // sum(len(path) for path in document["paths"].values()), 1)
    command = [program, "--config-file", str(folder / "schemathesis.toml"), "run", str(folder / "openapi.json")]
    command += ["--url", url, "--auth", login, "--checks", "all", "--max-examples", str(each), "--seed", "1"]
    command += ["--phases", phases, "--continue-on-failure", "--no-color", "--generation-database", "none"]
    command += ["--suppress-health-check", "all", "--request-timeout", "60"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    counted = re.search(r"^  (\d+) generated", text, re.MULTILINE)
    return Outcome(cases=int(counted[1]) if counted else 0, failed=done.returncode != 0, text=text)


def main() -> int:
    """Run the test of the suite with the wanted number of cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000)
    wanted = parser.parse_args().cases
    environment = {**os.environ, "TEST_DB": "postgresql", CASES: str(wanted)}
    command = [sys.executable, "-m", "pytest", "-s", "-q", "tests/api/test_schema__postgresql.py"]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
