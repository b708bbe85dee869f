"""Names of columns that sound like something by which customers may not be treated apart. Pure.

A name proves nothing: it is a question to whoever fits, who alone knows what the column holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import combining, normalize

from .columns import Column
from .findings import Finding

SENSITIVE = frozenset(
    [
        "gender",
        "sex",
        "sexe",
        "genre",
        "religion",
        "religious",
        "race",
        "ethnic",
        "ethnicity",
        "ethnie",
        "nationality",
        "nationalite",
        "citizenship",
        "disability",
        "disabled",
        "handicap",
        "orientation",
        "pregnant",
        "pregnancy",
        "grossesse",
        "political",
        "politique",
        "union",
        "syndicat",
    ]
)
"""Words of a name, in English and French, without accents: Article 21 of the EU Charter of Fundamental Rights names
sex, race, colour, ethnic or social origin, genetic features, language, religion, political opinion, membership of a
national minority, property, birth, disability, age and sexual orientation; those that are no everyday data of a bank.
"""

WORD = re.compile(r"[a-z]+")


def sensitive(columns: Sequence[Column]) -> list[Finding]:
    """Warn of each column whose name holds such a word."""
    return [
        Finding(code="sensitive_name", severity="warns", feature=column.name)
        for column in columns
        if SENSITIVE & set(WORD.findall(_plain(column.name)))
    ]


def _plain(name: str) -> str:
    """Small letters without accents; a capital within a name begins a word."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return "".join(each for each in normalize("NFKD", apart) if not combining(each)).lower()
