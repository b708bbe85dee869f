"""What a host may listen to: sent by `flow` after commit, with keyword values only."""

from __future__ import annotations

from django.dispatch import Signal

customer_scored = Signal()
"""A stored score changed: `model_label`, `key`, `tenant`, `target`, `probability`, `at`."""

suggestion_answered = Signal()
"""An agent answered: `suggestion_id`, `decision_id`, `product`, `kind`, `reason`, `agent_key`, `at`."""

phase_changed = Signal()
"""A team moved: `tenant`, `team`, `before`, `after`, `percent`, `by`, `at`."""

outcome_recorded = Signal()
"""A customer did something: `model_label`, `key`, `tenant`, `product`, `kind`, `occurred_at`."""

run_asked = Signal()
"""Background work waits for somebody: `run_id`, `kind`."""
