"""Numbers and codes in the plain words an agent reads. Pure: no request, no database."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm_assist.types import Admission


class Scored(Protocol):
    """A score in a list, as the flow tells it."""

    @property
    def probability(self) -> float:
        """The calibrated probability."""

    @property
    def band(self) -> str:
        """The code of its band."""

    @property
    def thin(self) -> bool:
        """Whether too little is known to show it."""


BANDS = {
    "low": gettext_lazy("Lower than usual"),
    "usual": gettext_lazy("As usual"),
    "raised": gettext_lazy("Higher than usual"),
    "high": gettext_lazy("Much higher than usual"),
}
TRENDS = {
    "rising": gettext_lazy("Rising"),
    "steady": gettext_lazy("Steady"),
    "falling": gettext_lazy("Falling"),
}
STATES = {
    "open": gettext_lazy("Waiting for an answer"),
    "accepted": gettext_lazy("Accepted"),
    "later": gettext_lazy("Put off"),
    "rejected": gettext_lazy("Rejected"),
    "dismissed": gettext_lazy("Dismissed"),
    "escalated": gettext_lazy("Handed to an expert"),
    "expired": gettext_lazy("Expired"),
    "withdrawn": gettext_lazy("Withdrawn"),
}
RESPONSES = {
    "accepted": gettext_lazy("Accepted"),
    "later": gettext_lazy("Put off"),
    "rejected": gettext_lazy("Rejected"),
    "dismissed": gettext_lazy("Dismissed"),
    "ignored": gettext_lazy("Left unanswered"),
    "escalated": gettext_lazy("Handed to an expert"),
    "undone": gettext_lazy("Taken back"),
}
REASONS = {
    "already_has": gettext_lazy("Already has it"),
    "not_suitable": gettext_lazy("Not suitable"),
    "bad_moment": gettext_lazy("Bad moment"),
    "customer_refused": gettext_lazy("The customer said no"),
    "customer_objects": gettext_lazy("The customer wants no suggestions"),
    "wrong_data": gettext_lazy("The data is wrong"),
    "not_convinced": gettext_lazy("I am not convinced"),
    "other": gettext_lazy("Another reason"),
}
CONSENTS = {
    "granted": gettext_lazy("Given"),
    "refused": gettext_lazy("Refused"),
    "unknown": gettext_lazy("Not known"),
}
SCORE_ANSWERS = {
    "useful": gettext_lazy("Useful"),
    "wrong": gettext_lazy("Wrong"),
    "data_wrong": gettext_lazy("The data is wrong"),
}
OUTCOMES = {
    "ordered": gettext_lazy("Ordered"),
    "declined": gettext_lazy("Declined"),
    "cancelled": gettext_lazy("Cancelled"),
    "complained": gettext_lazy("Complained"),
    "objected": gettext_lazy("Objected"),
    "unknown": gettext_lazy("Not known"),
}
USES = {
    "marketing": gettext_lazy("To choose what to offer"),
    "retention": gettext_lazy("To see who may leave"),
    "service": gettext_lazy("To see where help is needed"),
}
"""What a target's scores may be for."""
PHASES = {
    "off": gettext_lazy("Off"),
    "shadow": gettext_lazy("Shadow"),
    "score": gettext_lazy("Score"),
    "recommend": gettext_lazy("Recommend"),
    "killed": gettext_lazy("Stopped"),
    "running": gettext_lazy("Running"),
}
PHASE_PROMISES = {
    "off": gettext_lazy("Agents see nothing and nothing is computed for them."),
    "shadow": gettext_lazy("Everything is computed and logged; agents see nothing."),
    "score": gettext_lazy("Agents see the score on the customer's record."),
    "recommend": gettext_lazy("Agents see the score and suggestions, which they accept or reject."),
}
ADMISSIONS = {
    "team": gettext_lazy("by the team's own phase"),
    "default": gettext_lazy("by the phase of all other teams"),
    "team_outside_percent": gettext_lazy("outside the percentage of the team"),
    "default_outside_percent": gettext_lazy("outside the percentage of all other teams"),
    "no_phase": gettext_lazy("no phase was ever chosen"),
    "killed": gettext_lazy("everything is stopped"),
    "nobody": gettext_lazy("not signed in"),
}
FALLBACKS = {
    "live": gettext_lazy("computed at that moment"),
    "stored": gettext_lazy("the last one stored, since it could not be computed"),
    "none": gettext_lazy("there was none"),
}
FIELDS = {
    "since": gettext_lazy("From the day"),
    "until": gettext_lazy("To the day"),
    "team": gettext_lazy("Team"),
    "agent": gettext_lazy("Agent"),
    "key": gettext_lazy("Customer"),
    "product": gettext_lazy("Product"),
    "response": gettext_lazy("Answer"),
    "reason": gettext_lazy("Reason"),
    "phase": gettext_lazy("Phase"),
    "silence": gettext_lazy("Silence"),
    "after": gettext_lazy("Page"),
    "format": gettext_lazy("Format"),
    "by": gettext_lazy("A line for each"),
}
"""What the fields of our pages are called on the screen."""
SILENCES = {
    "phase_shadow": gettext_lazy("This team is in the shadow phase: nothing is shown."),
    "phase_score": gettext_lazy("This team sees the score only."),
    "no_consent": gettext_lazy("This customer does not wish to receive suggestions."),
    "consent_unknown": gettext_lazy("It is not known whether this customer agrees to suggestions."),
    "objected": gettext_lazy("This customer has objected to suggestions."),
    "zone_traditional": gettext_lazy("This conversation is yours: there is nothing for a machine to add."),
    "facts_unknown": gettext_lazy("The customer's situation could not be read, so nothing is suggested."),
    "nothing_left": gettext_lazy("Nothing to suggest for this customer today."),
    "no_card": gettext_lazy("There is no score for this kind of customer yet."),
    "card_failed": gettext_lazy("The score could not be computed for this customer."),
    "record_failed": gettext_lazy("Suggestions are away for the moment."),
    "not_live": gettext_lazy("This customer is no longer active."),
}
VERDICTS = {
    "already_held": gettext_lazy("The customer has it already."),
    "not_yet_valid": gettext_lazy("Not on offer yet."),
    "expired": gettext_lazy("No longer on offer."),
    "wrong_adapter": gettext_lazy("Not meant for this kind of customer."),
    "recently_rejected": gettext_lazy("Rejected not long ago."),
    "put_off": gettext_lazy("Put off until later."),
    "in_hand": gettext_lazy("Taken up not long ago."),
    "not_eligible": gettext_lazy("The customer may not have it."),
    "not_applicable": gettext_lazy("Not relevant for this customer now."),
    "not_suitable": gettext_lazy("Not in this customer's interest."),
    "suits": gettext_lazy("It serves a need of the customer."),
    "rule_unknown": gettext_lazy("It cannot be told whether a rule allows it."),
    "rule_unreadable": gettext_lazy("A rule on it could not be read."),
    "no_card": gettext_lazy("No scorecard predicts it yet."),
    "card_failed": gettext_lazy("Its scorecard could not be computed."),
    "below_rank": gettext_lazy("Others ranked higher."),
}


def hundredths(probability: float) -> int:
    """A probability (0 to 1) as a whole number out of 100, held within 1 to 99: nothing is certain."""
    if math.isnan(probability):
        raise ValueError("A probability that is not a number cannot be shown.")
    return min(99, max(1, math.floor(probability * 100 + 0.5)))


def percent(probability: float) -> str:
    """`15%`, as the language in force writes it, never below 1 or above 99."""
    return share(hundredths(probability))


def share(number: int) -> str:
    """A percentage of agents, 0 to 100, as the language in force writes it."""
    return _("%(number)d%%") % {"number": number}


def between(low: float, high: float) -> str:
    """The interval in natural frequencies: between 12 and 19 in 100."""
    first, last = hundredths(min(low, high)), hundredths(max(low, high))
    if first == last:
        return _("About %(number)d in 100 similar customers") % {"number": first}
    return _("Between %(low)d and %(high)d in 100 similar customers") % {"low": first, "high": last}


def horizon(days: int | None) -> str:
    """Within how many days, or nothing when the target has no end."""
    if days is None:
        return ""
    return ngettext("within %(days)d day", "within %(days)d days", days) % {"days": days}


def band(code: str) -> str:
    """The band in words; an unknown code stands as it is."""
    return str(BANDS.get(code, code))


def too_few() -> str:
    """Why no number is shown."""
    return _("Too few comparable customers for a number")


def cell(score: Scored) -> dict[str, str]:
    """A score in a list: the percentage and the band; a dash that says why where too little is known."""
    if score.thin:
        return {"percent": "–", "band": too_few(), "code": ""}
    return {"percent": percent(score.probability), "band": band(score.band), "code": score.band}


def trend(code: str) -> str:
    """Where the score goes; nothing for a first score."""
    return str(TRENDS.get(code, ""))


def why(admission: Admission) -> str:
    """Why a phase is in force for an agent: the team, the percentage and the agent's own place in it."""
    if admission.killed:
        return _("All help is stopped.")
    told = {"team": admission.team, "percent": share(admission.percent), "place": place(admission.bucket)}
    if admission.code == "no_phase":
        return _("No phase was chosen yet, neither for the team nor for all others.")
    if admission.code.startswith("default"):
        start = _("As all other teams: no phase of its own for the team “%(team)s”.") % told
        start = start if admission.team else _("As all other teams: the host names no team.")
    else:
        start = _("By the team “%(team)s”.") % told
    if admission.code.endswith("outside_percent"):
        part = _("Place %(place)s of 100, outside the %(percent)s of its agents.") % told
    elif admission.percent < 100:
        part = _("Place %(place)s of 100, within the %(percent)s of its agents.") % told
    else:
        part = _("All its agents are in.")
    return f"{start} {part}".strip()


def version(number: int) -> str:
    """A version by its number."""
    return _("version %(number)d") % {"number": number}


def place(bucket: int | None) -> str:
    """An agent's place among 100, to a tenth, from the one among 100,000; it never changes."""
    return "" if bucket is None else number_format(math.floor(bucket / 100) / 10, 1)


def word(table: Mapping[str, object], code: str) -> str:
    """The words for a code of one of the tables above; an unknown code stands as it is."""
    return str(table.get(code, code))


def silence(code: str, message: str = "") -> str:
    """Why the machine says nothing: the sentence that came with the verdict, else the one for its code."""
    return message or str(SILENCES.get(code, "")) or _("Nothing to suggest for this customer today.")


def named(label: object, value: object) -> str:
    """A value after what it is, with the colon of the language in force."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def says_it_all(code: str) -> bool:
    """Whether the words for a code lose nothing; a message that names a day or a situation says more."""
    return code in {*VERDICTS, *SILENCES} - {"recently_rejected", "put_off", "in_hand", "objected", "zone_traditional"}


def has_words(code: str) -> bool:
    """Whether a code has words in the reader's language."""
    return code in VERDICTS or code in SILENCES


def verdict(code: str, message: str = "") -> str:
    """Why a product was left out, in words."""
    return message or str(VERDICTS.get(code) or SILENCES.get(code) or code)
