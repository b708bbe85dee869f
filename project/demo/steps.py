"""What `manage.py demo` does before it serves: one named step after another, each of them idempotent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.management import call_command
from django.core.management.base import OutputWrapper
from django.utils.translation import gettext as _

from crm_assist.management.progress import Progress
from fixtures.bank import DEFAULT_CUSTOMERS, DEFAULT_SEED, generate
from project.crm.models import Branch, Customer
from project.demo import assist_steps, cards, past
from project.demo.filling import fill, row_count
from project.demo.logins import make_groups, make_logins, refuse_without_debug


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """How large a bank is wanted, from which seed, ending when, and with log-ins or without."""

    now: datetime
    customers: int = DEFAULT_CUSTOMERS
    seed: int = DEFAULT_SEED
    logins: bool = True
    cards: bool = True


Step = Callable[[Wanted, OutputWrapper], None]


def migrate(wanted: Wanted, out: OutputWrapper) -> None:
    """Bring the tables up to date."""
    call_command("migrate", interactive=False, verbosity=0)


def fill_bank(wanted: Wanted, out: OutputWrapper) -> None:
    """The simulated customers and their 18 months, once."""
    present = Customer.objects.count()
    if present:
        out.write(_("The bank is filled already: %(count)s customers.") % {"count": f"{present:,}"} + "\n")
        return
    making = Progress(_("Simulated customers"), wanted.customers, out)
    bank = generate(now=wanted.now, customers=wanted.customers, seed=wanted.seed, on_progress=making)
    making.finish()
    writing = Progress(_("Rows written"), row_count(bank), out)
    fill(bank, on_progress=writing)
    writing.finish()


def open_logins(wanted: Wanted, out: OutputWrapper) -> None:
    """The seven log-ins, or their groups alone."""
    if wanted.logins:
        make_logins(branch=Branch.objects.order_by("pk")[0], now=wanted.now)
    else:
        make_groups()


def tell_assist(wanted: Wanted, out: OutputWrapper) -> None:
    """What crm_assist has to know of the bank: products, rules, targets, past orders, and where each branch stands."""
    assist_steps.save_catalogue(wanted.now)
    assist_steps.save_rules(wanted.now)
    assist_steps.declare_targets(wanted.now)
    telling = Progress(_("Outcomes told"), 0, out)
    telling.total = assist_steps.tell_outcomes(wanted.now)
    if telling.total:
        telling.finish()
    assist_steps.set_phases(wanted.now)


def fit_cards(wanted: Wanted, out: OutputWrapper) -> None:
    """The first card of each target that has none, then the stored scores."""
    names = assist_steps.missing_cards()
    if not names:
        return
    fitting = Progress(_("Cards fitted"), len(names), out)
    cards.fit(names, missing=assist_steps.missing_cards, on_progress=fitting)
    fitting.finish()
    scoring = Progress(_("Customers scored"), Customer.objects.count(), out)
    for done in assist_steps.store_scores(wanted.now):
        scoring(done)
    scoring.finish()


def work_the_past(wanted: Wanted, out: OutputWrapper) -> None:
    """Eight simulated weeks of the pilot branch, once, so that there is something to review."""
    if past.is_there() or not wanted.logins:
        return
    working = Progress(_("Simulated weeks of the pilot branch"), past.total(), out)
    for done in past.work(wanted.now):
        working(done)
    working.finish()


LOADING: Sequence[Step] = (fill_bank, open_logins, tell_assist, fit_cards, work_the_past)
"""The steps of `load_demo`, in their order."""


def load(wanted: Wanted, out: OutputWrapper) -> None:
    """Run every loading step; refuse before the first one if log-ins are wanted and DEBUG is off."""
    if wanted.logins:
        refuse_without_debug()
    for step in LOADING:
        if wanted.cards or step not in (fit_cards, work_the_past):
            step(wanted, out)
