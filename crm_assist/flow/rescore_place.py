"""Where a batch of scores has got to, as the short text that a run keeps and gives back to go on from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

DONE = "-"
"""In the place of a table's name: it was exchanged, and nothing is left to do."""


class BadCursor(ValueError):
    """The text is not a cursor that a batch of scores gave out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The tenant that is under way, the last key that is safe, how many are done, and the table being built."""

    tenant: str = ""
    key: str = ""
    done: int = 0
    table: str = ""

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that a cursor stands for, the beginning for an empty one; BadCursor for anything else."""
        if not text:
            return cls()
        try:
            place = cls(**json.loads(text))
            fits = {type(value) for value in (place.tenant, place.key, place.table)} == {str}
        except (TypeError, ValueError) as error:
            raise BadCursor(f"after={text!r:.80}: give the cursor of a step as it is, or nothing.") from error
        if not fits or type(place.done) is not int or place.done < 0:
            raise BadCursor(f"after={text!r:.80}: give the cursor of a step as it is, or nothing.")
        return place

    def text(self) -> str:
        """The cursor: the parts that are not empty."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, ensure_ascii=False)

    def key_in(self, tenant: str) -> str:
        """After which key of a tenant to go on: none where the tenant is not the one under way."""
        return self.key if tenant == self.tenant else ""
