"""A customer's dossier in plain words: what the program does, the data, the purposes, and what the law lets one ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm_assist import flow
from crm_assist.conf import settings
from crm_assist.web import log_decision, words
from crm_assist.web.log_rows import called
from crm_assist.web.panel_view import moment


def opening(dossier: flow.Dossier) -> dict[str, Any]:
    """Everything but the decisions, which come one by one."""
    return {
        "customer": {
            "model": dossier.model_label,
            "key": dossier.key,
            "name": dossier.called,
            "merged": list(dossier.merged_keys),
        },
        "made_at": moment(dossier.at),
        "what": _what(),
        "purposes": [_purpose(target) for target in dossier.targets],
        "data": _data(dossier),
        "consent": _consent(dossier),
        "scores": [_score(kept) for kept in dossier.scores],
        "count": dossier.decisions,
        "outcomes": [_outcome(one, dossier.names) for one in dossier.outcomes],
        "keeping": list(_keeping(dossier)),
        "rights": [{"article": article, "right": right, "how": how} for article, right, how in _rights()],
    }


def _what() -> list[str]:
    return [
        _(
            "When an adviser opens a customer’s record, this program computes from the data listed below how likely "
            "something is, and may suggest products that fit. It never acts by itself: an adviser reads the "
            "suggestion and takes it up, puts it off or rejects it."
        ),
        _(
            "A score is a sum of points: each item of data adds or takes away some, by a table that was learned from "
            "what earlier customers did. The reasons named with a score are the items that moved it most. What is not "
            "listed here has no part in it."
        ),
        _(
            "Rules come before scores: without consent, after an objection, and in situations that need a person, "
            "nothing is suggested. Every decision is logged, also when nothing was suggested, with the data of that "
            "moment."
        ),
    ]


def _purpose(target: Any) -> dict[str, str]:
    return {
        "name": target.name,
        "says": str(target.label),
        "horizon": words.horizon(target.horizon_days),
        "purpose": words.word(words.USES, target.purpose),
    }


def _data(dossier: flow.Dossier) -> list[dict[str, str]] | None:
    """What would be read now; None where the CRM does not have the customer."""
    if dossier.live is None:
        return None
    return [
        {"name": name, "label": label or name, "value": value}
        for name, label, value in log_decision.features_in_words(dossier.live)
    ]


def _consent(dossier: flow.Dossier) -> list[dict[str, str]]:
    """What the CRM says beside the data: consent, products, situations."""
    if dossier.live is None:
        return []
    return _facts(log_decision.facts_in_words(dossier.live["facts"], dossier.names))


def _facts(told: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [
        {"label": label, "value": " ".join(part for part in (value, quote) if part)} for label, value, quote in told
    ]


def _score(kept: flow.KeptScore) -> dict[str, str]:
    says = " ".join(part for part in (str(kept.target.label), words.horizon(kept.target.horizon_days)) if part)
    return {"said": words.named(says, words.percent(kept.probability)), "at": moment(kept.scored_at)}


def _outcome(one: Any, known: flow.Names) -> dict[str, str]:
    said = words.word(words.OUTCOMES, one.kind)
    return {
        "at": moment(one.occurred_at),
        "said": words.named(called(one.product, known), said) if one.product else said,
    }


def _keeping(dossier: flow.Dossier) -> Iterator[str]:
    """How long what is kept, and what stands in the way of an end."""
    if settings.RETENTION_DAYS > 0:
        yield _("The data behind a decision is emptied after %(days)s days.") % {"days": settings.RETENTION_DAYS}
    else:
        yield _("The data behind a decision is kept until the customer is forgotten.")
    yield _(
        "After that a row of codes and a fingerprint remain, which prove that the log was not changed and say nothing "
        "about anybody."
    )
    subject = dossier.subject
    if subject is not None and subject.erasure_due_at is not None:
        told = {"day": moment(subject.erasure_due_at)}
        yield _("It was asked on %(day)s that the customer be forgotten. That waits for the end of a hold.") % told
    if dossier.is_held:
        yield _("A hold keeps this data for a legal claim or an authority; until it is over nothing is erased.")


def _rights() -> Iterable[tuple[str, str, str]]:
    """Article of the GDPR, what it is about, and how it is met here."""
    return (
        ("15", _("To know what is kept, and to have a copy"), _("This dossier is the answer.")),
        ("16", _("To have wrong data put right"), _("In the CRM; the next score reads it as it then is.")),
        (
            "17",
            _("To be forgotten"),
            _("Keys, data and scores are erased, except for what is held for a legal claim (17(3)(e))."),
        ),
        (
            "18",
            _("To have the use of the data restricted"),
            _("Ask for it as for an objection: nothing is suggested any more, and what is logged is only stored."),
        ),
        (
            "20",
            _("To take the data elsewhere"),
            _("This dossier is to be had as a file for programs (JSON)."),
        ),
        (
            "21",
            _("To object to advertising and to profiling for it"),
            _("At any time and without a reason; from the next look at the record on nothing is suggested."),
        ),
        (
            "22",
            _("Not to be decided about by a program alone"),
            _("An adviser decides about every suggestion; ask for a person to look again and to explain."),
        ),
        ("77", _("To complain"), _("To the data protection authority of your country.")),
    )


def chapter(one: flow.Chapter, dossier: flow.Dossier, people: Mapping[str, str]) -> dict[str, Any]:
    """One decision in words; `people` says how each agent is called here."""
    view = one.view
    told = log_decision.whole(view, people, dossier.names)
    row = view.row
    return {
        "id": str(row.pk),
        "at": told["at"],
        "by": people.get(row.agent_key, ""),
        "team": row.team,
        "phase": told["phase"],
        "erased": told["erased"],
        "silence": told["silence"],
        "language": told.get("language", ""),
        "score": told.get("score"),
        "suggested": [{"product": code, "name": name or code} for code, name in told["products"]],
        "considered": [_considered(item) for item in told.get("candidates", [])],
        "verdict": told.get("customer_verdict"),
        "data": [
            {"name": name, "label": label or name, "value": value} for name, label, value in told.get("features", [])
        ],
        "facts": _facts(told.get("facts", [])),
        "shown": told["displays"],
        "answers": list(_answers(one, told, people)),
        "outcomes": told["outcomes"],
    }


def _considered(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "product": item["product"],
        "name": item["name"] or item["product"],
        "rank": item["rank"],
        "reasons": [sentence for sentence, *_more in item["reasons"]],
        "left_out": [" ".join(part for part in (one["text"], one["quote"]) if part) for one in item["closed"]],
    }


def _answers(one: flow.Chapter, told: Mapping[str, Any], people: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Who answered what, with what they wrote, in the order of time within each kind."""
    view = one.view
    kinds: tuple[tuple[str, Any], ...] = (
        ("responses", view.responses),
        ("score_answers", view.score_answers),
        ("own_offers", view.own_offers),
    )
    for name, rows in kinds:
        for row, words_of in zip(rows, told[name], strict=True):
            by = people.get(row.agent_key, "")
            yield {**words_of, "by": by, "comment": one.comments.get(row.pk, "")}
