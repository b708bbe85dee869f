"""The story of the product, and the only place that crosses steps. Read the names below and you know what happens.

An agent opens a customer: `record` takes the features of the moment, scores, closes what may not be offered,
ranks the rest, logs the decision and says what the phase lets the agent see. The agent answers: `respond`, `undo`,
`answer_score`, `own_offer` (or `own_offer_told` by the host's own form); the browser confirms: `displayed`.
Lists: `list_scores`, `order_by_score`.

An administrator governs: `phases`, `change_phase`, `kill`, `restore`, `phase_history`, `products`, `save_products`,
`cards`, `card`, `publish_text`, `revert_card`. An analyst reviews: `decisions`, `decision_page`, `decision`, `replay`,
`export`. The host tells: `record_outcome`, `record_outcomes` (over the wire: `tell_outcome`, `tell_outcomes`; any
request of a program `once` per key), `customer_changed`, `customers_merged`, `customer_erased`,
`customers_gone`, `sweep`. The data team learns: `declare_target`, `learn` (several from one `Past`); stored scores
follow by `rescore`.
"""

from __future__ import annotations

from crm_assist.flow.cards import card, cards, publish_text, revert_card
from crm_assist.flow.errors import (
    AlreadyAnswered,
    BadAnswer,
    BadMove,
    CardNotFound,
    CustomerNotFound,
    DecisionNotFound,
    NotAllowed,
    SuggestionNotFound,
)
from crm_assist.flow.exporting import export
from crm_assist.flow.govern import (
    TeamStand,
    change_phase,
    kill,
    phase_history,
    phases,
    products,
    restore,
    save_products,
)
from crm_assist.flow.learn import declare_target, learn, publish_card
from crm_assist.flow.lists import ListScore, list_scores, order_by_score
from crm_assist.flow.once import Answer, KeyReused, UnderWay, once
from crm_assist.flow.outcomes import ToldOutcome, record_outcome, record_outcomes
from crm_assist.flow.past import Past
from crm_assist.flow.record import record
from crm_assist.flow.rescoring import customer_changed, rescore, sweep
from crm_assist.flow.respond import answer_score, displayed, own_offer, own_offer_told, respond, undo
from crm_assist.flow.review import DecisionView, Filters, Replay, decision, decision_page, decisions, replay
from crm_assist.flow.rights import customer_erased, customers_gone, customers_merged
from crm_assist.flow.telling import Told, tell_outcome, tell_outcomes
from crm_assist.flow.view import RecordView, ShownSuggestion, Standing, standing_of

__all__ = [
    "AlreadyAnswered",
    "Answer",
    "BadAnswer",
    "BadMove",
    "CardNotFound",
    "CustomerNotFound",
    "DecisionNotFound",
    "DecisionView",
    "Filters",
    "KeyReused",
    "ListScore",
    "NotAllowed",
    "Past",
    "RecordView",
    "Replay",
    "ShownSuggestion",
    "Standing",
    "SuggestionNotFound",
    "TeamStand",
    "Told",
    "ToldOutcome",
    "UnderWay",
    "answer_score",
    "card",
    "cards",
    "change_phase",
    "customer_changed",
    "customer_erased",
    "customers_gone",
    "customers_merged",
    "decision",
    "decision_page",
    "decisions",
    "declare_target",
    "displayed",
    "export",
    "kill",
    "learn",
    "list_scores",
    "once",
    "order_by_score",
    "own_offer",
    "own_offer_told",
    "phase_history",
    "phases",
    "products",
    "publish_card",
    "publish_text",
    "record",
    "record_outcome",
    "record_outcomes",
    "replay",
    "rescore",
    "respond",
    "restore",
    "revert_card",
    "save_products",
    "standing_of",
    "sweep",
    "tell_outcome",
    "tell_outcomes",
    "undo",
]
