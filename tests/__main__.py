"""`python -m tests`: the whole suite on SQLite, then on a PostgreSQL that it starts itself.

`python -m tests sqlite` takes one of them. Further words go to pytest. Ends with pytest's own closing line of
each run; the exit status is 0 only when all are green.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.binaries import find_postgresql

ROOT = Path(__file__).resolve().parents[1]
CLOSING_LINE = re.compile(r"^=+ .*\bin \d[\d.:hms ()]*=+$|^no tests ran in .*$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
DATABASES = ("sqlite", "postgresql")
WORKERS = ["-n", "2", "--dist", "loadgroup"]
NO_POSTGRESQL = f"""{"!" * 80}
No PostgreSQL found: NOTHING is tested on it (Debian: apt-get install postgresql).
{"!" * 80}"""


def run(database: str, arguments: list[str]) -> tuple[int, str]:
    """One pytest run on that database: its exit status and its closing line."""
    environment = {**os.environ, "TEST_DB": database, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    command = [sys.executable, "-m", "pytest", *WORKERS, *colour, *arguments]
    print(f"\n{database}: pytest {' '.join(command[3:])}", flush=True)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    text = bytearray()
    while piece := os.read(process.stdout.fileno(), 65536):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        text += piece
    return process.wait(), closing_line(text.decode(errors="replace"))


def closing_line(output: str) -> str:
    """The last line in which pytest states its totals; empty when it did not get that far."""
    lines = [COLOUR.sub("", line).strip() for line in output.splitlines()]
    return next((line for line in reversed(lines) if CLOSING_LINE.match(line)), "")


def main(arguments: list[str]) -> int:
    """Run on each database and repeat the verdicts at the end, a failed one last."""
    databases = [name for name in DATABASES if name in arguments] or list(DATABASES)
    arguments = [word for word in arguments if word not in DATABASES]
    if not os.environ.get("DATABASE_URL") and find_postgresql() is None and os.environ.get("CI") != "true":
        print(NO_POSTGRESQL)
        databases = [name for name in databases if name != "postgresql"]
    results = {database: run(database, arguments) for database in databases}
    print()
    for database, (status, line) in sorted(results.items(), key=lambda item: item[1][0] != 0):
        print(f"{database}: {'green' if status == 0 else f'FAILED (pytest exit status {status})'}")
        print(line or "pytest gave no totals", flush=True)
    return next((abs(status) for status, _ in results.values() if status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
