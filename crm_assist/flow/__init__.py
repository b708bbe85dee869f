"""The story of the product, and the only place that crosses steps. Read the names below and you know what happens.

An agent opens a customer: `record` takes the features of the moment, scores, closes what may not be offered, ranks
the rest, logs the decision and says what the phase lets the agent see. The agent answers: `respond`, `undo`,
`answer_score`, `own_offer` (or `own_offer_told` by the host's own form); the browser confirms: `displayed`. Lists:
`list_scores`, `score_order` (or `order_by_score`), `list_sight`.

An administrator governs: `phases`, `agents` (who is in and why), `change_phase`, `team_names`, `release_team`, `kill`,
`restore`, `phase_history`, `products`, `save_products`; business users write `rules` (`rule_versions`,
`rule_features`, `ruled_products`, `rule_effect`, `save_rules`, `withdraw_rule`); `names` stand behind keys. An analyst
reviews `decisions` (one agent's by a right of its own; who did is told by `looks`; asked for `by_name`, by the
`known_names`), `decision_page`, `decision`, `replay`, `export`, `log_state`, `verify_log`; `export_file` asks a
`Question` of the whole log, in the views that start-up makes known (`register_views`); `results` and their change
(`result_change`) against the time before. The host tells: `record_outcome`, `record_outcomes` (over the wire:
`tell_outcome`, `tell_outcomes`; any request of a program `once` per key), a file by `check_outcomes`,
`import_outcomes`, a worker by `record_message`; how far all is told by `outcomes_complete_until` (`tell_complete`);
`customer_changed`, `customers_merged`, `customer_erased`, `customers_gone`, `sweep`. What was told stands by
`outcome_sources`, `outcomes_followed`; `contradictions` wait for `settle_contradiction`. The data team learns:
`declare_target`, `targets`, `readiness`, `suggestion_labels`, `learn` (several from one `Past`), `cards`, `card` (by
`names_of_cards`), `publish_card`, `publish_text`, `promote_card` (the challenger), `restore_card`; `moved_today` says
what moved since a card learned; stored scores follow by `rescore`. Operations ask `health` whether help can be given.

What lasts is a run, resumed after a crash and never doubled: `ask_runs`, `carry_on`, `stale_runs`; people see and
steer it by `runs`, `run_history`, `run_subjects`, `names_of_runs`, `start`, `resume`, `give_up`. The log is kept by
`seal`, `keep_heads` and `retain`, and counted by `count`; data is held back from retention and erasure by
`place_hold` until `lift_hold` (`holds_in_force`); a customer is told by their `dossier`.
"""

from __future__ import annotations

from crm_assist.decisions.tellings import Told
from crm_assist.flow.background import ask_runs, carry_on, stale_runs
from crm_assist.flow.card_names import CardNames
from crm_assist.flow.cards import (
    CardView,
    card,
    cards,
    names_of_cards,
    promote_card,
    publish_text,
    restore_card,
    targets,
)
from crm_assist.flow.comparison import Comparison
from crm_assist.flow.completeness import Completeness, outcomes_complete_until, tell_complete
from crm_assist.flow.contradictions import (
    Contradiction,
    SourceStand,
    contradictions,
    outcome_sources,
    outcomes_followed,
    settle_contradiction,
)
from crm_assist.flow.counting import count
from crm_assist.flow.dossiers import Chapter, Dossier, KeptScore, dossier
from crm_assist.flow.drifting import moved_today
from crm_assist.flow.errors import (
    AlreadyAnswered,
    BadAnswer,
    BadMove,
    CardNotFound,
    CustomerNotFound,
    DecisionNotFound,
    NotAllowed,
    SuggestionNotFound,
    TargetNotFound,
)
from crm_assist.flow.exporting import VIEWS, export, export_file, register_views
from crm_assist.flow.govern import (
    TeamStand,
    change_phase,
    kill,
    phase_history,
    phases,
    products,
    release_team,
    restore,
    save_products,
)
from crm_assist.flow.heads import keep_heads
from crm_assist.flow.health import Health, health, is_ready
from crm_assist.flow.holds import HoldView, holds_in_force, lift_hold, place_hold
from crm_assist.flow.keeping import retain, seal
from crm_assist.flow.labelling import suggestion_labels
from crm_assist.flow.learn import declare_target, learn
from crm_assist.flow.lists import ListScore, list_scores
from crm_assist.flow.log_check import Checked, LogState, log_state, verify_log
from crm_assist.flow.looks import looks
from crm_assist.flow.naming import Ambiguous, Names, by_name, known_names, team_names
from crm_assist.flow.once import Answer, KeyReused, UnderWay, once
from crm_assist.flow.ordering import ScoreOrder, order_by_score, score_order
from crm_assist.flow.outcome_file import BadFile
from crm_assist.flow.outcome_import import CheckedFile, check_outcomes, import_outcomes, record_message
from crm_assist.flow.outcomes import ToldOutcome, record_outcome, record_outcomes
from crm_assist.flow.past import Past
from crm_assist.flow.people import Agents, AgentStand, agents, names
from crm_assist.flow.publishing import publish_card
from crm_assist.flow.readiness import MonthReady, Readiness, Ready, readiness
from crm_assist.flow.record import record
from crm_assist.flow.rescoring import customer_changed, rescore
from crm_assist.flow.respond import answer_score, displayed, own_offer, own_offer_told, respond, undo
from crm_assist.flow.results import ResultChange, ResultRow, Results, Span, result_change, results, silences
from crm_assist.flow.review import DecisionView, Filters, Replay, decision, decision_page, decisions, replay
from crm_assist.flow.rights import customer_erased, customers_gone, customers_merged
from crm_assist.flow.rules import (
    Effect,
    RuleNotFound,
    RuleView,
    rule_effect,
    rule_features,
    rule_versions,
    ruled_products,
    rules,
    save_rules,
    withdraw_rule,
)
from crm_assist.flow.runs import (
    RunNotFound,
    give_up,
    may_steer,
    names_of_runs,
    resume,
    run_history,
    run_subjects,
    runs,
    start,
)
from crm_assist.flow.runs_view import RunView
from crm_assist.flow.sight import ListSight, list_sight
from crm_assist.flow.soundness import FoundThen, UnsoundData, found_in_data
from crm_assist.flow.sweeping import sweep
from crm_assist.flow.telling import tell_outcome, tell_outcomes
from crm_assist.flow.view import RecordView, ShownSuggestion, Standing, standing_of
from crm_assist.journal.export_file import Question
from crm_assist.privacy.holds import BadHold

__all__ = [
    "VIEWS",
    "AgentStand",
    "Agents",
    "AlreadyAnswered",
    "Ambiguous",
    "Answer",
    "BadAnswer",
    "BadFile",
    "BadHold",
    "BadMove",
    "CardNames",
    "CardNotFound",
    "CardView",
    "Chapter",
    "Checked",
    "CheckedFile",
    "Comparison",
    "Completeness",
    "Contradiction",
    "CustomerNotFound",
    "DecisionNotFound",
    "DecisionView",
    "Dossier",
    "Effect",
    "Filters",
    "FoundThen",
    "Health",
    "HoldView",
    "KeptScore",
    "KeyReused",
    "ListScore",
    "ListSight",
    "LogState",
    "MonthReady",
    "Names",
    "NotAllowed",
    "Past",
    "Question",
    "Readiness",
    "Ready",
    "RecordView",
    "Replay",
    "ResultChange",
    "ResultRow",
    "Results",
    "RuleNotFound",
    "RuleView",
    "RunNotFound",
    "RunView",
    "ScoreOrder",
    "ShownSuggestion",
    "SourceStand",
    "Span",
    "Standing",
    "SuggestionNotFound",
    "TargetNotFound",
    "TeamStand",
    "Told",
    "ToldOutcome",
    "UnderWay",
    "UnsoundData",
    "agents",
    "answer_score",
    "ask_runs",
    "by_name",
    "card",
    "cards",
    "carry_on",
    "change_phase",
    "check_outcomes",
    "contradictions",
    "count",
    "customer_changed",
    "customer_erased",
    "customers_gone",
    "customers_merged",
    "decision",
    "decision_page",
    "decisions",
    "declare_target",
    "displayed",
    "dossier",
    "export",
    "export_file",
    "found_in_data",
    "give_up",
    "health",
    "holds_in_force",
    "import_outcomes",
    "is_ready",
    "keep_heads",
    "kill",
    "known_names",
    "learn",
    "lift_hold",
    "list_scores",
    "list_sight",
    "log_state",
    "looks",
    "may_steer",
    "moved_today",
    "names",
    "names_of_cards",
    "names_of_runs",
    "once",
    "order_by_score",
    "outcome_sources",
    "outcomes_complete_until",
    "outcomes_followed",
    "own_offer",
    "own_offer_told",
    "phase_history",
    "phases",
    "place_hold",
    "products",
    "promote_card",
    "publish_card",
    "publish_text",
    "readiness",
    "record",
    "record_message",
    "record_outcome",
    "record_outcomes",
    "register_views",
    "release_team",
    "replay",
    "rescore",
    "respond",
    "restore",
    "restore_card",
    "result_change",
    "results",
    "resume",
    "retain",
    "rule_effect",
    "rule_features",
    "rule_versions",
    "ruled_products",
    "rules",
    "run_history",
    "run_subjects",
    "runs",
    "save_products",
    "save_rules",
    "score_order",
    "seal",
    "settle_contradiction",
    "silences",
    "stale_runs",
    "standing_of",
    "start",
    "suggestion_labels",
    "sweep",
    "targets",
    "team_names",
    "tell_complete",
    "tell_outcome",
    "tell_outcomes",
    "undo",
    "verify_log",
    "withdraw_rule",
]
