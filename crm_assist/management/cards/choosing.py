"""Which card is meant: a file, a target with or without its version, or the beginning of a fingerprint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from crm_assist import customers, features, flow
from crm_assist.flow.card_names import adapters_called
from crm_assist.flow.comparison import comparison_of
from crm_assist.scorecards import CardError, Scorecard
from crm_assist.scorecards.models import CardEvent, CardVersion, Role
from crm_assist.types import Principal
from crm_assist.web import words
from crm_assist.web.card_words import ROLES
from crm_assist.web.model_card import Subject, subject_of

DIGEST = re.compile(r"[0-9a-f]{6,64}\Z")
VERSIONED = re.compile(r"(?P<target>[^@]+)@(?P<version>[0-9]{1,9})\Z")


class NotChosen(LookupError):
    """No card, or more than one, is called so; the message says what there is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A card's text with where it comes from; `row` is None for a file."""

    name: str
    text: str
    row: CardVersion | None = None
    adapter: str = ""

    def card(self) -> Scorecard:
        """The card itself; CardError when the text is none."""
        return Scorecard.loads(self.text)

    def about(self, principal: Principal) -> Subject:
        """The card with the names that its adapter and its target give; CardError when the text is none."""
        card = self.card()
        if self.row is not None:
            view = flow.card(principal, self.row.pk)
            return subject_of(view, card)
        adapter = customers.adapters().get(self.adapter or card.purpose.adapter)
        declared = features.declared(adapter) if adapter else {}
        return Subject(card=card, declared=declared, called=flow.CardNames(adapters=adapters_called()))

    def beside(self, other: Chosen) -> str:
        """How this version did against the other when it was fitted, in words; nothing where nobody compared them."""
        comparison = comparison_of(self.row) if self.row is not None and other.row is not None else None
        if comparison is None or other.row is None or comparison.champion != other.row.version:
            return ""
        return comparison.words

    @property
    def standing(self) -> str:
        """Which version it is and what it does; of a file, its name."""
        if self.row is None:
            return self.name
        return f"{words.version(self.row.version)} · {words.word(ROLES, self.row.role)}"


def chosen(text: str, *, tenant: str = "", adapter: str = "") -> Chosen:
    """The card that `text` names; NotChosen where it names none or several."""
    path = Path(text)
    if text.endswith(".json") or path.is_file():
        return _file(path, adapter)
    rows = CardVersion.objects.filter(tenant__in={tenant, ""}, **({"adapter": adapter} if adapter else {}))
    versioned = VERSIONED.match(text)
    if versioned:
        found = list(rows.filter(target=versioned["target"], version=int(versioned["version"])))
    else:
        found = _of_target(list(rows.filter(target=text).order_by("-version")))
    if not found and DIGEST.match(text):
        found = list(rows.filter(digest__startswith=text))
    if len({row.digest for row in found}) == 1:
        return of_row(found[0])
    if found:
        called = ", ".join(f"{name_of(row)} ({row.adapter}, {row.digest[:12]})" for row in found)
        raise NotChosen(f"{text!r} names several cards: {called}; add --adapter or --tenant, or give a fingerprint.")
    known = ", ".join(sorted({row.target for row in rows.defer("text")})) or "none"
    raise NotChosen(
        f"No card is called {text!r}: give a JSON file, TARGET, TARGET@VERSION or a fingerprint; "
        f"there are cards of these targets: {known}."
    )


def serving(*, tenant: str = "", adapter: str = "") -> list[Chosen]:
    """Every card that serves now."""
    rows = CardVersion.objects.filter(tenant__in={tenant, ""}, role=Role.CHAMPION).order_by("target", "adapter")
    return [of_row(row) for row in (rows.filter(adapter=adapter) if adapter else rows)]


def before(one: Chosen) -> Chosen:
    """The version that served before this one, of one that waits the one that serves; NotChosen where there is none."""
    row = one.row
    if row is None:
        raise NotChosen(f"{one.name} is a file, with no version before it: name two cards to compare.")
    whose = {"tenant": row.tenant, "adapter": row.adapter, "target": row.target}
    mine = CardVersion.objects.filter(**whose)
    if row.role == Role.CHALLENGER:
        earlier = mine.filter(role=Role.CHAMPION).first()
    else:
        served = CardEvent.objects.filter(**whose, after=Role.CHAMPION, version__lt=row.version).values("version")
        earlier = mine.filter(version__in=served).order_by("-version").first()
    if earlier is None:
        raise NotChosen(f"{one.name} is the first version of its target: there is none before it.")
    return of_row(earlier)


def of_row(row: CardVersion) -> Chosen:
    """A stored version."""
    return Chosen(name=name_of(row), text=row.text, row=row, adapter=row.adapter)


def name_of(row: CardVersion) -> str:
    """How a version is named to the command."""
    return f"{row.target}@{row.version}"


def _file(path: Path, adapter: str) -> Chosen:
    try:
        return Chosen(name=str(path), text=path.read_text(encoding="utf-8"), adapter=adapter)
    except OSError as error:
        raise NotChosen(f"{path} cannot be read: {error.strerror}; give a file that `dumps` or --out wrote.") from error
    except UnicodeDecodeError as error:
        raise CardError(f"{path} is not UTF-8; a card is a JSON text as `dumps` writes it") from error


def _of_target(rows: list[CardVersion]) -> list[CardVersion]:
    """Of each adapter and tenant the version that serves, else the newest."""
    first: dict[tuple[str, str], CardVersion] = {}
    for row in sorted(rows, key=lambda row: row.role != Role.CHAMPION):
        first.setdefault((row.adapter, row.tenant), row)
    return list(first.values())
