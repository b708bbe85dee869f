"""What is wrong with a rule, told so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleFault:
    """One fault: its place in the document, a code, and a message that names the value and the remedy."""

    path: str
    code: str
    message: str


class RuleRefused(ValueError):
    """A rule that cannot be used; `faults` has everything that is wrong with it."""

    def __init__(self, faults: Iterable[RuleFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in self.faults))
