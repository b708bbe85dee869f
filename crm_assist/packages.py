"""The lowest version of each package that we were tried with: those of pyproject.toml, and a test holds them equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from crm_assist import __version__

LOWEST: Mapping[str, Mapping[str, str]] = {
    "": {"django": "5.2"},
    "learn": {"scikit-learn": "1.7", "numpy": "2.0", "scipy": "1.14"},
    "postgres": {"psycopg": "3.2"},
    "api": {"djangorestframework": "3.17", "drf-spectacular": "0.30"},
    "worker": {"celery": "5.6"},
    "metrics": {"prometheus-client": "0.21"},
    "parquet": {"pyarrow": "17.0"},
}
"""Extra, package, lowest version."""


def remedy(extra: str) -> str:
    """How to get an extra, wherever crm_assist itself came from: by its packages, or by the wheel."""
    packages = " ".join(f'"{name}>={lowest}"' for name, lowest in LOWEST[extra].items())
    return f'pip install {packages} (or the wheel with its extra: "crm_assist-{__version__}-py3-none-any.whl[{extra}]")'


@dataclass(frozen=True, kw_only=True, slots=True)
class Outdated:
    """A package that is installed in a version below ours."""

    package: str
    installed: str
    lowest: str
    extra: str


def installed_version(package: str) -> str | None:
    """The version of a package by its own metadata, or None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def outdated(of: Callable[[str], str | None] = installed_version) -> Iterator[Outdated]:
    """The installed packages that are older than we support; what is absent is nobody's fault."""
    for extra, packages in LOWEST.items():
        for package, lowest in packages.items():
            found = of(package)
            if found is not None and numbers(found) < numbers(lowest):
                yield Outdated(package=package, installed=found, lowest=lowest, extra=extra)


def numbers(text: str) -> tuple[int, ...]:
    """The release numbers of a version: `6.1.dev0` is (6, 1), `1!2.0` (2, 0)."""
    release = re.match(r"(?:\d+!)?v?(\d+(?:\.\d+)*)", text.strip())
    return tuple(map(int, release[1].split("."))) if release else ()
