"""Ground: append-only rows, their one writer, seals and their verification, and what may be taken out of the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_assist.journal.reading import Columns

__all__ = ["read_decisions"]


def read_decisions(
    *,
    view: str = "narrow",
    since: datetime | str | None = None,
    until: datetime | None = None,
    tenant: str = "",
    columns: Sequence[str] | None = None,
    names: bool = False,
) -> Columns:
    """A tenant's settled decisions as columns, in the log's own order, oldest first; customers and agents by pseudonym.

    `view` is `narrow` (a row per decision), `decisions` (with all that followed) or `bandit` (a row per product
    offered). `since` is an aware moment, or the `mark` of an earlier reading: then exactly what was settled after it.
    `until` is an aware moment. `columns` keeps some of them. `names=True` gives the keys of customers and agents
    themselves. Nobody is asked for a permission: who runs Python in the host's process has them all. ValueError names
    what cannot be used.
    """
    # The package loads before the models, which reading needs.
    from crm_assist.journal.reading import read

    return read(view=view, since=since, until=until, tenant=tenant, columns=columns, names=names)
