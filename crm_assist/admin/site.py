"""Our own pages on an admin site: on the default one by themselves, on others by `register(site)`."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model

from crm_assist.admin.decisions import DecisionPages
from crm_assist.admin.learned import CardPages, TargetPages
from crm_assist.admin.log_pages import LogPages
from crm_assist.admin.outcome_pages import OutcomePages
from crm_assist.admin.own_page import OwnPage
from crm_assist.admin.phases import PhasePages
from crm_assist.admin.product_pages import ProductPages
from crm_assist.admin.result_pages import ResultPages
from crm_assist.admin.work import WorkPages
from crm_assist.decisions.models import Decision, Outcome
from crm_assist.journal.models import Seal
from crm_assist.learning.models import Target
from crm_assist.oversight.models import DayCount
from crm_assist.recommending.models import Product
from crm_assist.rollout.models import TeamPhase
from crm_assist.runs.models import Run
from crm_assist.scorecards.models import CardVersion

PAGES: dict[type[Model], type[OwnPage]] = {
    TeamPhase: PhasePages,
    Decision: DecisionPages,
    DayCount: ResultPages,
    Outcome: OutcomePages,
    Product: ProductPages,
    Target: TargetPages,
    CardVersion: CardPages,
    Seal: LogPages,
    Run: WorkPages,
}
"""Each page stands in the site's menu under the name of one of our models."""


def register(site: admin.AdminSite) -> None:
    """Put our pages on a site; those that stand there already, by us or by the host, are left as they are."""
    for model, page in PAGES.items():
        if not site.is_registered(model):
            site.register(model, page)
