"""Every operation of the API and its address, below the host's prefix."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter
from django.urls.converters import IntConverter
from rest_framework.views import APIView

from crm_assist.api import (
    answers,
    assist,
    cards,
    decisions,
    dossier,
    health,
    outcome_state,
    outcomes,
    phases,
    products,
    results,
    rules,
)


class CardIdConverter(IntConverter):
    """A number that fits every database's widest column."""

    regex = "[1-9][0-9]{0,17}"


register_converter(CardIdConverter, "crm_assist_card")
SUGGESTION, DECISION = "suggestions/<uuid:suggestion_id>", "decisions/<uuid:decision_id>"

VIEWS: dict[str, tuple[type[APIView], str]] = {
    "v1/assist/": (assist.AssistApi, "assist"),
    f"v1/{SUGGESTION}/response/": (answers.RespondApi, "respond"),
    f"v1/{SUGGESTION}/undo/": (answers.UndoApi, "undo"),
    f"v1/{DECISION}/score-answer/": (answers.ScoreAnswerApi, "score_answer"),
    f"v1/{DECISION}/own-offer/": (answers.OwnOfferApi, "own_offer"),
    f"v1/{DECISION}/displayed/": (answers.DisplayedApi, "displayed"),
    "v1/decisions/": (decisions.DecisionsApi, "decisions"),
    "v1/decisions/export/": (decisions.ExportApi, "export"),
    f"v1/{DECISION}/": (decisions.DecisionApi, "decision"),
    f"v1/{DECISION}/replay/": (decisions.ReplayApi, "replay"),
    "v1/results/": (results.ResultsApi, "results"),
    "v1/results/change/": (results.ResultChangeApi, "result_change"),
    "v1/dossier/": (dossier.DossierApi, "dossier"),
    "v1/outcomes/": (outcomes.TellOutcomeApi, "outcomes"),
    "v1/outcomes/bulk/": (outcomes.TellOutcomesApi, "outcomes_bulk"),
    "v1/outcomes/state/": (outcome_state.OutcomeStateApi, "outcome_state"),
    "v1/outcomes/complete/": (outcome_state.CompleteApi, "outcomes_complete"),
    "v1/outcomes/<uuid:outcome_id>/settle/": (outcome_state.SettleApi, "outcome_settle"),
    "v1/targets/<slug:target>/readiness/": (outcome_state.ReadinessApi, "readiness"),
    "v1/phases/": (phases.PhasesApi, "phases"),
    "v1/phases/move/": (phases.MoveApi, "move"),
    "v1/phases/kill/": (phases.KillApi, "kill"),
    "v1/phases/restore/": (phases.RestoreApi, "restore"),
    "v1/products/": (products.ProductsApi, "products"),
    "v1/rules/": (rules.RulesApi, "rules"),
    "v1/rules/effect/": (rules.RuleEffectApi, "rule_effect"),
    "v1/rules/<str:code>/versions/": (rules.RuleVersionsApi, "rule_versions"),
    "v1/rules/<str:code>/withdraw/": (rules.WithdrawRuleApi, "rule_withdraw"),
    "v1/cards/": (cards.CardsApi, "cards"),
    "v1/cards/publish/": (cards.PublishApi, "publish"),
    "v1/cards/<crm_assist_card:card_id>/": (cards.CardApi, "card"),
    "v1/cards/<crm_assist_card:card_id>/revert/": (cards.RevertApi, "revert"),
    "v1/cards/<crm_assist_card:card_id>/promote/": (cards.PromoteApi, "promote"),
    "v1/health/": (health.HealthApi, "health"),
}
"""Every operation by its address."""


operations: list[URLPattern] = [path(route, view.as_view(), name=name) for route, (view, name) in VIEWS.items()]
"""What the description describes: each address once."""
