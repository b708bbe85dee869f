"""Our addresses: `path("assist/", include("crm_assist.urls"))` under whatever prefix the host likes.

Each address ends in a slash and is accepted without it, since a POST cannot be redirected to the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from crm_assist.web import (
    assets,
    dossier,
    health,
    log,
    metrics,
    panel,
    phases,
    products,
    responses,
    results,
    rules,
    score,
)

app_name = "crm_assist"


def _both(route: str, view: Callable[..., HttpResponseBase], name: str) -> list[URLPattern]:
    bare: Any = path(route.rstrip("/"), view)
    return [path(route, view, name=name), bare]


urlpatterns: list[URLPattern] = [
    *_both("panel/", panel.fragment, "panel"),
    *_both("score/", score.score, "score"),
    *_both("record/", panel.page, "record"),
    *_both("suggestions/<uuid:suggestion_id>/response/", responses.respond, "respond"),
    *_both("suggestions/<uuid:suggestion_id>/undo/", responses.undo, "undo"),
    *_both("decisions/<uuid:decision_id>/score-answer/", responses.answer_score, "answer_score"),
    *_both("decisions/<uuid:decision_id>/own-offer/", responses.own_offer, "own_offer"),
    *_both("decisions/<uuid:decision_id>/displayed/", responses.displayed, "displayed"),
    *_both("phases/", phases.ladder, "phases"),
    *_both("phases/move/", phases.move, "move"),
    *_both("phases/release/", phases.release, "release"),
    *_both("phases/switch/", phases.switch, "switch"),
    *_both("decisions/", log.decisions, "decisions"),
    *_both("decisions/export/", log.export, "export"),
    *_both("decisions/<uuid:decision_id>/", log.decision, "decision"),
    *_both("decisions/<uuid:decision_id>/replay/", log.replay, "replay"),
    *_both("results/", results.results, "results"),
    *_both("dossier/", dossier.dossier, "dossier"),
    *_both("products/", products.products, "products"),
    *_both("rules/", rules.rules, "rules"),
    *_both("rules/new/", rules.new, "rule_new"),
    *_both("rules/of/<str:code>/", rules.rule, "rule"),
    *_both("rules/of/<str:code>/withdraw/", rules.withdraw, "rule_withdraw"),
    *_both("health/", health.alive, "health"),
    *_both("ready/", health.ready, "ready"),
    *_both("metrics/", metrics.metrics, "metrics"),
    path("assets/<str:digest>/<str:name>", assets.asset, name="asset"),
]
