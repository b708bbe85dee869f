"""The columns of the UCI Bank Marketing file and what each may hold; the two known variants of its header."""

from __future__ import annotations

from dataclasses import dataclass

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEVER_CONTACTED = 999


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column: whole numbers or decimals from `low` to `high`, or one of `words`."""

    name: str
    low: float = 0.0
    high: float = 0.0
    whole: bool = True
    words: tuple[str, ...] = ()


YES_NO = ("no", "yes", "unknown")
COLUMNS: tuple[Column, ...] = (
    Column(name="age", low=16, high=120),
    Column(
        name="job",
        words=(
            "admin.",
            "blue-collar",
            "entrepreneur",
            "housemaid",
            "management",
            "retired",
            "self-employed",
            "services",
            "student",
            "technician",
            "unemployed",
            "unknown",
        ),
    ),
    Column(name="marital", words=("divorced", "married", "single", "unknown")),
    Column(
        name="education",
        words=(
            "basic.4y",
            "basic.6y",
            "basic.9y",
            "high.school",
            "illiterate",
            "professional.course",
            "university.degree",
            "unknown",
        ),
    ),
    Column(name="default", words=YES_NO),
    Column(name="housing", words=YES_NO),
    Column(name="loan", words=YES_NO),
    Column(name="contact", words=("cellular", "telephone")),
    Column(name="month", words=MONTHS),
    Column(name="day_of_week", words=WEEKDAYS),
    Column(name="duration", low=0, high=86_400),
    Column(name="campaign", low=1, high=1_000),
    Column(name="pdays", low=0, high=NEVER_CONTACTED),
    Column(name="previous", low=0, high=1_000),
    Column(name="poutcome", words=("failure", "nonexistent", "success")),
    Column(name="emp.var.rate", low=-50, high=50, whole=False),
    Column(name="cons.price.idx", low=0, high=1_000, whole=False),
    Column(name="cons.conf.idx", low=-500, high=500, whole=False),
    Column(name="euribor3m", low=-10, high=100, whole=False),
    Column(name="nr.employed", low=0, high=1_000_000, whole=False),
    Column(name="y", words=("no", "yes")),
)
ORIGINAL_HEADER = tuple(column.name for column in COLUMNS)
# The same file with the position in the original and the month of the call (YYYY-MM) before it.
DATED_HEADER = ("row", "period", *ORIGINAL_HEADER)
