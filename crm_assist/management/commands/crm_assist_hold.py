"""`manage.py crm_assist_hold place | lift | list`: data kept back from retention and erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.management.log_arguments import moment_from
from crm_assist.management.migrated import MigratedCommand
from crm_assist.registry import NotRegistered
from crm_assist.types import Principal


class Command(MigratedCommand):
    """Places and lifts holds, and lists those in force; each is a row of the log, with who and why."""

    help = "Hold the data of a customer, a period or a tenant back from retention and erasure, or let it go."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to hold, until when, and why."""
        parser.add_argument("action", choices=["place", "lift", "list"])
        parser.add_argument("hold", nargs="?", default="", help="with lift: the hold, as list shows it")
        parser.add_argument("--tenant", default="", help="whose log; empty text for rows without a tenant")
        parser.add_argument("--model", default="", help="the customer's model, such as crm.Customer")
        parser.add_argument("--key", default="", help="the customer's key")
        parser.add_argument("--from", dest="rows_from", help="rows written from this day or moment on")
        parser.add_argument("--until", dest="rows_until", help="rows written before this day or moment")
        parser.add_argument("--everything", action="store_true", help="everything of the tenant")
        parser.add_argument("--ends", help="the day or moment at which the hold ends by itself")
        parser.add_argument("--reason", default="", help="the case; not the customer's name")
        parser.add_argument("--by", default="command", help="who does it, as the log will say")

    def handle(self, *, action: str, **options: Any) -> None:
        """Do one of the three."""
        who = Principal(key=options["by"], tenant=options["tenant"], is_superuser=True)
        try:
            {"place": self._place, "lift": self._lift, "list": self._list}[action](who, options)
        except flow.BadHold as error:
            raise CommandError(f"{error.field}: {error}") from error
        except (NotRegistered, customers.BadKey) as error:
            raise CommandError(str(error)) from error

    def _place(self, who: Principal, options: dict[str, Any]) -> None:
        times = {name: _moment(options, name) for name in ("rows_from", "rows_until", "ends")}
        customer, period = bool(options["key"]), bool(times["rows_from"] or times["rows_until"])
        if bool(options["model"]) != customer or [customer, period, options["everything"]].count(True) != 1:
            raise CommandError("Say what to hold: --model and --key, or --from and --until, or --everything.")
        label = customers.adapter_for(options["model"]).model_label if customer else ""
        held = flow.place_hold(
            who,
            model_label=label,
            key=options["key"],
            rows_from=times["rows_from"],
            rows_until=times["rows_until"],
            ends_at=times["ends"],
            reason=options["reason"],
            now=timezone.now(),
        )
        self.stdout.write(self.style.SUCCESS(f"placed {_line(held)}"))

    def _lift(self, who: Principal, options: dict[str, Any]) -> None:
        try:
            hold_id = UUID(options["hold"])
        except ValueError:
            raise CommandError(f"lift {options['hold']!r}: name a hold as list shows it.") from None
        forgotten = flow.lift_hold(who, hold_id, reason=options["reason"], now=timezone.now())
        self.stdout.write(self.style.SUCCESS(f"lifted {hold_id}; {forgotten:,} customers forgotten who had waited"))

    def _list(self, who: Principal, options: dict[str, Any]) -> None:
        held = flow.holds_in_force(who, now=timezone.now())
        for one in held:
            self.stdout.write(_line(one))
        if not held:
            self.stdout.write("no hold in force")


def _line(held: flow.HoldView) -> str:
    what = f"{held.model_label} {held.key}" if held.key else "everything"
    if held.rows_from or held.rows_until:
        what = f"rows from {_day(held.rows_from)} until {_day(held.rows_until)}"
    end = f", ends {_day(held.ends_at)}" if held.ends_at else ""
    waiting = f"; {held.waiting:,} erasures wait" if held.waiting else ""
    return f"{held.id}: {what}, since {_day(held.since)} by {held.by}{end}: {held.reason}{waiting}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "…"


def _moment(options: dict[str, Any], name: str) -> datetime | None:
    text = options[name]
    if text is None:
        return None
    moment = moment_from(text)
    if moment is None:
        asked = {"rows_from": "--from", "rows_until": "--until"}.get(name, "--ends")
        raise CommandError(f"{asked} {text!r}: give a day (2026-03-01) or a moment (2026-03-01T09:30).")
    return moment
