"""The stored scores of one host's customers, whichever table keeps them."""

from __future__ import annotations

from typing import Any

from crm_assist import customers
from crm_assist.scoring.stored import table_of


def score_rows(model_label: str) -> Any:
    """The rows of scores of a model's customers."""
    table = table_of(customers.adapter_for(model_label))
    return table._default_manager.filter(scope__model_label=model_label)


def stored(model_label: str = "desk.Client") -> dict[str, float]:
    """Each customer's stored probability, by the text of the key."""
    return {str(key): probability for key, probability in score_rows(model_label).values_list("key", "probability")}
