"""Doing what a page says: its files written, its commands run, in the order in which a reader meets them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"(?P<verb>Write|Add to|In) `(?P<name>[^`]+)`")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One block: what to do (`Write`, `Add to`, `In`, `sh`), where, and the text."""

    verb: str
    name: str
    body: str


def steps(page: str) -> list[Step]:
    """The blocks of a page that a reader types; `text` blocks, and files that are not named, are only shown."""
    found = []
    for block in BLOCK.finditer(page):
        named = FILE.search(page[: block.start()].rstrip().rpartition("\n")[2])
        if block["kind"] == "sh":
            found.append(Step(verb="sh", name="", body=block["body"]))
        elif named and block["kind"] != "text":
            found.append(Step(verb=named["verb"], name=named["name"], body=block["body"]))
    return found


def follow(page: str, folder: Path) -> str:
    """Do every step in `folder`, as a reader would, and give what the commands printed; the first failure raises."""
    return "".join(_do(step, folder) for step in steps(page))


def _do(step: Step, folder: Path) -> str:
    if step.verb == "sh":
        return "".join(run(line.split(), folder) for line in step.body.splitlines())
    if step.verb == "In":
        return run([*step.name.split(), "--command", step.body], folder)
    path = folder / step.name
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if step.verb == "Add to" else ""
    path.write_text(before + step.body)
    return ""


def run(command: list[str], folder: Path) -> str:
    """What a command prints; a failing one raises with that."""
    program = {"python": [sys.executable], "django-admin": [sys.executable, "-m", "django"]}
    asked = [*program[command[0]], *command[1:]]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    if os.environ.get("CRM_ASSIST_INSTALLED") == "1":
        # What is followed then is the package that is installed, not the one of this checkout.
        environment.pop("PYTHONPATH", None)
    else:
        environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(asked, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout
