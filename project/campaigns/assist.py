"""What the bank tells crm_assist of a campaign's prospects: only what was known before the call."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm_assist import customers
from crm_assist import features as f
from crm_assist.types import Consent, Principal
from project.campaigns.models import Prospect
from project.campaigns.rights import sees_campaign
from project.campaigns.words import WORDS

TARGET = "subscribes_term_deposit"


@customers.register(Prospect)
class CampaignProspect(customers.CustomerAdapter):
    """A prospect of the telephone campaign; the length of the call is no feature, since nobody knows it before."""

    main_target = TARGET
    # A row is one call and is written once: what it says is what was known then.
    features = (
        f.Number("age", "age", label=_("Age"), history=True),
        f.Category("job", "job", label=_("Occupation"), labels=WORDS, history=True),
        f.Category("marital", "marital", label=_("Marital status"), labels=WORDS, history=True),
        f.Category("education", "education", label=_("Education"), labels=WORDS, history=True),
        f.Category("credit_default", "default", label=_("Credit in default"), labels=WORDS, history=True),
        f.Category("housing", "housing", label=_("Home loan"), labels=WORDS, history=True),
        f.Category("loan", "loan", label=_("Personal loan"), labels=WORDS, history=True),
        f.Category("contact", "contact", label=_("Telephone line"), labels=WORDS, history=True),
        f.Category("month", "month", label=_("Month of the call"), labels=WORDS, history=True),
        f.Category("day_of_week", "day_of_week", label=_("Weekday of the call"), labels=WORDS, history=True),
        f.Number("campaign", "campaign", label=_("Calls in this campaign, this one included"), history=True),
        f.Number("pdays", "pdays", label=_("Days since the earlier campaign"), history=True),
        f.Number("previous", "previous", label=_("Contacts before this campaign"), history=True),
        f.Category("poutcome", "poutcome", label=_("Outcome of the earlier campaign"), labels=WORDS, history=True),
        f.Number("emp_var_rate", "emp_var_rate", label=_("Change in employment, percent"), history=True),
        f.Number("cons_price_idx", "cons_price_idx", label=_("Consumer price index"), history=True),
        f.Number("cons_conf_idx", "cons_conf_idx", label=_("Consumer confidence index"), history=True),
        f.Number("euribor3m", "euribor3m", label=_("Three-month interest rate, percent"), history=True),
        f.Number("nr_employed", "nr_employed", label=_("Persons employed, thousands"), history=True),
    )

    def principal(self, request: HttpRequest) -> Principal:
        """The user in the branch, exactly as for the bank's customers."""
        return customers.adapter_for("crm.Customer").principal(request)

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Whoever may see campaigns sees every prospect."""
        return queryset if sees_campaign(principal.user) else queryset.filter(Q(pk__in=()))

    def consent(self, obj: Prospect) -> Consent:
        """The file tells no consent: unknown, so that a score is shown and nothing is suggested."""
        return Consent()
