"""The site on a real server: gunicorn, two processes with four threads each, and what it costs in processor time."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """A running server."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time that its processes have taken so far."""
        return _taken(self.pid)


@contextmanager
def served(**environment: str) -> Iterator[Site]:
    """The site with these environment variables for the length of a block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "benchmarks.served.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "75",
        "--log-level", "error",
    ]  # fmt: skip
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.served.settings", **environment}
    process = subprocess.Popen(command, env=environment)
    try:
        _wait_for(port, process)
        yield Site(port=port, pid=process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("gunicorn did not start; its message stands above.")


def server_of(database_pid: int) -> int:
    """The database server's first process, given one of its connections' processes."""
    return int(_stat(database_pid)[1])


def _taken(pid: int) -> float:
    """Processor seconds of a process and of the children it has now."""
    own = _stat(pid)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(own[11]) + int(own[12])) / TICK + sum(_taken(int(child)) for child in children)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


cpu_of = _taken
