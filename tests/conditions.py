"""Which test files can run here, told by the end of their name; nothing is skipped, it is collected or not.

`test_x__real_data.py` needs ../shared/data, `__browser.py` a Chromium, `__postgresql.py` and `__sqlite.py`
that database. What costs seconds and touches no database (building the wheel) is `__sqlite.py`: it runs once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.binaries import find_chromium


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One need of test files: the suffix that names it, whether it is met, what to print when not."""

    suffix: str
    met: bool
    notice: str = ""
    loud: bool = False


def conditions_now(*, root: Path, environ: Mapping[str, str]) -> tuple[Condition, ...]:
    """The needs as this machine meets them."""
    data = shared_data(root)
    database = environ.get("TEST_DB", "sqlite")
    return (
        Condition(
            suffix="real_data",
            met=data.is_dir(),
            notice=f"real data: {data} is absent, test_*__real_data.py files are not collected",
        ),
        Condition(
            suffix="browser",
            met=find_chromium(environ) is not None,
            notice="browser: no Chromium found (CHROMIUM, chromium, google-chrome), "
            "NO page was tried in a browser; Debian: apt-get install chromium",
            loud=True,
        ),
        Condition(suffix="postgresql", met=database == "postgresql"),
        Condition(suffix="sqlite", met=database == "sqlite"),
    )


def shared_data(root: Path) -> Path:
    """Where real public data lies, beside the checkout."""
    return root.parent / "shared" / "data"


def suffix_of(path: Path, conditions: Sequence[Condition]) -> Condition | None:
    """The condition that a file's name ends in, if any."""
    if path.suffix != ".py":
        return None
    return next((c for c in conditions if path.stem.endswith(f"__{c.suffix}")), None)
