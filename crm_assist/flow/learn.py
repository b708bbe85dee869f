"""The data team learns: a declared target, rows from the past, a card that passes the gates, and its publication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from crm_assist import customers, features
from crm_assist.customers.models import Subject
from crm_assist.decisions.outcomes import in_force
from crm_assist.learning import fit_scorecard
from crm_assist.learning.dataset import LabelledOutcome, training_set
from crm_assist.learning.models import Target
from crm_assist.rollout.moves import bump_revision
from crm_assist.scorecards import Purpose
from crm_assist.scorecards.models import CardVersion
from crm_assist.scorecards.versions import publish
