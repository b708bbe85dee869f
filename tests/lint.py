"""`python -m tests.lint`: style, types, import contract, templates, migrations; each told with its seconds.

Words name the wanted checks (`python -m tests.lint mypy`); all run even when one fails. `--fix` puts right
what the formatters can, then checks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
OLDEST_DJANGO = "5.2"


def checks() -> dict[str, list[str]]:
    """Name and command of every check, in the order they run."""
    typed = [name for name in ("crm_assist", "project", "fixtures", "benchmarks") if any(ROOT.glob(f"{name}/*.py"))]
    pages = templates()
    migrations = [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"]
    found = {
        "ruff": [tool("ruff"), "check", "--output-format", "concise", "."],
        "format": [tool("ruff"), "format", "--check", "--quiet", "."],
        "imports": [tool("lint-imports"), "--no-cache", "--no-logo"],
        "migrations": migrations,
        "demo": [*migrations, "--settings", "project.settings"],
        "mypy": [sys.executable, "-m", "mypy", *typed],
    }
    if pages:
        found["djade"] = [tool("djade"), "--check", "--target-version", OLDEST_DJANGO, *pages]
    return found


def fixes() -> list[list[str]]:
    """The commands that put right what can be put right without thought."""
    commands = [[tool("ruff"), "check", "--fix", "--quiet", "."], [tool("ruff"), "format", "--quiet", "."]]
    pages = templates()
    return [*commands, [tool("djade"), "--target-version", OLDEST_DJANGO, *pages]] if pages else commands


def templates() -> list[str]:
    """Our own templates."""
    return [str(path) for name in ("crm_assist", "project") for path in sorted((ROOT / name).rglob("*.html"))]


def tool(name: str) -> str:
    """The program installed beside this Python."""
    return str(TOOLS / name)


def main(wanted: list[str]) -> int:
    """Run the wanted checks, or all; 0 when each is clean."""
    known = checks()
    if "--fix" in wanted:
        for command in fixes():
            subprocess.run(command, cwd=ROOT)
        wanted = [word for word in wanted if word != "--fix"]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"unknown check {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment["TEST_DB"] = "sqlite"
    failed = []
    for name, command in known.items():
        if wanted and name not in wanted:
            continue
        began = time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        verdict = "ok" if done.returncode == 0 else "FAILED"
        print(f"{name:<11}{verdict:<8}{time.monotonic() - began:5.1f} s", flush=True)
        if done.returncode:
            print(done.stdout, flush=True)
            failed.append(name)
    print(f"lint: {'FAILED: ' + ', '.join(failed) if failed else 'clean'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
