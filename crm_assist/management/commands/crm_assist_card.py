"""`manage.py crm_assist_card show | diff | check`: a card read by a person, compared with another, and tried."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm_assist import customers
from crm_assist.management.arguments import whole
from crm_assist.management.cards.checking import examined
from crm_assist.management.cards.choosing import Chosen, NotChosen, before, chosen, serving
from crm_assist.management.cards.drawing import card_lines, difference_lines, joined, markdown_lines
from crm_assist.management.migrated import MigratedCommand
from crm_assist.scorecards import CardError
from crm_assist.types import Principal
from crm_assist.web.change_words import difference_told

WHICH = "a JSON file, TARGET (the version that serves), TARGET@VERSION, or the beginning of a fingerprint"


class Command(MigratedCommand):
    """Shows a card as a table, says what changed between two, or checks cards; exit status 1 when one is not sound."""

    help = "Show a scorecard in words, say what changed between two, or check those that serve."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do with which card."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="show | diff | check")
        show = actions.add_parser("show", help="a card as a table, or its model card")
        diff = actions.add_parser(
            "diff", help="what changed between two cards, or since the version that served before"
        )
        check = actions.add_parser("check", help="whether cards are sound; status 1 when one is not")
        show.add_argument("cards", nargs=1, metavar="CARD", help=WHICH)
        show.add_argument("--model-card", action="store_true", help="the model card, as Markdown")
        diff.add_argument("cards", nargs="+", metavar="CARD", help=WHICH)
        check.add_argument("cards", nargs="*", metavar="CARD", help=f"{WHICH}; all that serve when none is named")
        check.add_argument(
            "--sample", type=whole(1, 1_000_000), default=200, help="on how many customers to compare executions"
        )
        for one in (show, diff, check):
            one.add_argument("--adapter", default="", help="label of a registered model, such as crm.Customer")
            one.add_argument("--tenant", default="", help="the tenant whose cards are meant")
            one.add_argument("--language", default="", help="such as fr; the language in force when not given")

    def handle(self, *, action: str, cards: list[str], language: str, **options: Any) -> None:
        """Do one of the three, in the language that is asked for."""
        known = dict(settings.LANGUAGES)
        if language and language not in known:
            raise CommandError(f"--language {language!r}: choose one of {', '.join(known)}.")
        adapter, kinds = options["adapter"], customers.adapters()
        if adapter and adapter not in kinds:
            raise CommandError(f"--adapter {adapter!r} is not registered; choose one of {', '.join(sorted(kinds))}.")
        with translation.override(language) if language else nullcontext():
            try:
                {"show": self._show, "diff": self._diff, "check": self._check}[action](cards, options)
            except (NotChosen, CardError) as error:
                raise CommandError(str(error)) from error

    def _show(self, cards: list[str], options: dict[str, Any]) -> None:
        one = self._chosen(cards[0], options)
        lines = markdown_lines if options["model_card"] else card_lines
        self.stdout.write(joined(lines(one.about(_reader(options)), one.standing)))

    def _diff(self, cards: list[str], options: dict[str, Any]) -> None:
        if len(cards) > 2:
            raise CommandError(f"diff takes two cards, or one to compare with the version before: not {len(cards)}.")
        new = self._chosen(cards[-1], options)
        old = self._chosen(cards[0], options) if len(cards) == 2 else before(new)
        about = new.about(_reader(options))
        told = difference_told(old.card(), about.card, about.declared)
        self.stdout.write(joined(difference_lines(told, old.name, new.name, beside=_beside(old, new))))

    def _check(self, cards: list[str], options: dict[str, Any]) -> None:
        which = {name: options[name] for name in ("tenant", "adapter")}
        wanted = [self._chosen(name, options) for name in cards] or serving(**which)
        if not wanted:
            raise CommandError("No card serves yet; publish one, or name a file.")
        unsound = [one.name for one in wanted if self._is_unsound(one, options["sample"])]
        if unsound:
            raise CommandError(f"Not sound: {', '.join(unsound)}.")
        self.stdout.write(self.style.SUCCESS(f"{len(wanted)} of {len(wanted)} sound"))

    def _is_unsound(self, one: Chosen, sample: int) -> bool:
        self.stdout.write(one.name)
        blocked = False
        for finding in examined(one, sample=sample, now=timezone.now()):
            mark = "WRONG" if finding.blocks else finding.mark
            self.stdout.write(f"{mark:>5}  {finding.text}")
            if finding.todo:
                self.stdout.write(f"       {finding.todo}")
            blocked = blocked or finding.blocks
        return blocked

    def _chosen(self, name: str, options: dict[str, Any]) -> Chosen:
        return chosen(name, tenant=options["tenant"], adapter=options["adapter"])


def _beside(old: Chosen, new: Chosen) -> str:
    """How they did against each other; of cards that predict different things, that they do."""
    purposes = old.card().purpose, new.card().purpose
    if len({(one.adapter, one.target) for one in purposes if one.target}) > 1:
        told = (f"{one.target} ({one.adapter})" for one in purposes)
        return _("They predict different things: %(old)s and %(new)s.") % dict(zip(("old", "new"), told, strict=True))
    return new.beside(old)


def _reader(options: dict[str, Any]) -> Principal:
    """Whoever runs commands on the server, whom nobody asks."""
    return Principal(key="command", tenant=options["tenant"], is_superuser=True)
