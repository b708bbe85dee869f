"""Step 1 of 8: what is known of a customer at a moment, declared once. Hosts import it as `f`."""

from __future__ import annotations

from crm_assist.features.computed import Python, computed, is_computed, table
from crm_assist.features.elapsed import DurationDays, ElapsedDays, moment
from crm_assist.features.grouped import (
    FeatureError,
    Grouped,
    any_of,
    average,
    before,
    between,
    count,
    days,
    days_since_last,
    largest,
    latest,
    total,
)
from crm_assist.features.kinds import Age, Category, Feature, Flag, Number
from crm_assist.features.once import obstacle
from crm_assist.features.readings import (
    PREFIX,
    Extra,
    Reading,
    annotate,
    declared,
    expressions,
    rows,
    snapshot,
    values_of,
)

__all__ = [
    "PREFIX",
    "Age",
    "Category",
    "DurationDays",
    "ElapsedDays",
    "Extra",
    "Feature",
    "FeatureError",
    "Flag",
    "Grouped",
    "Number",
    "Python",
    "Reading",
    "annotate",
    "any_of",
    "average",
    "before",
    "between",
    "computed",
    "count",
    "days",
    "days_since_last",
    "declared",
    "expressions",
    "is_computed",
    "largest",
    "latest",
    "moment",
    "obstacle",
    "rows",
    "snapshot",
    "table",
    "total",
    "values_of",
]
