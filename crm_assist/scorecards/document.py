"""A card as JSON text: written in one canonical form, read with every fault named.

The digest is taken over the canonical text (sorted keys, no blanks, ASCII, shortest exact floats) without the
member "sha256".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import CardError, shown
from .fields import Fields
from .parts import RANK, Calibration, Feature, Golden, Pair, Purpose, Spread, Training

if TYPE_CHECKING:
    from .scorecard import Scorecard

KIND = "crm_assist.scorecard"
SCHEMA = 2
MAX_BYTES = 5_000_000
MAX_FEATURES = 500
LATER = frozenset({"use", "since", "judged", "judged_positives", "in_time", "agreement", "compared"})
"""Members that cards had not at first: written only where they say something, so that those keep their identity."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What a card's text says, checked, with the digest that it claims."""

    parts: tuple[Feature, ...]
    pairs: tuple[Pair, ...]
    intercept: float
    calibration: Calibration
    spread: Spread
    purpose: Purpose
    trained: Training
    golden: tuple[Golden, ...]
    digest: str

    def fields(self) -> dict[str, Any]:
        """Return the members from which a Scorecard is made."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "digest"}


def seal(text: str) -> str:
    """Return the SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def canonical(card: Scorecard) -> str:
    """Return the canonical text of `card`; CardError when it holds a number that is not finite."""
    content = {
        "calibration": _plain(card.calibration),
        "features": [_feature(part) for part in card.parts],
        "golden": [_plain(golden) for golden in card.golden],
        "intercept": card.intercept,
        "kind": KIND,
        "purpose": _plain(card.purpose),
        # A card without pairs has the text, and so the identity, that it has always had.
        **({"pairs": [_plain(pair) for pair in card.pairs], "schema": SCHEMA} if card.pairs else {"schema": 1}),
        "spread": _plain(card.spread),
        "trained": _plain(card.trained),
    }
    try:
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise CardError("the card holds a number that is not finite; fit it again on clean columns") from error


def checked_size(text: str | bytes) -> str:
    """Return `text` decoded; CardError when it is larger than a card may be or is not UTF-8."""
    if len(text) > MAX_BYTES:
        raise CardError(f"the text has {len(text):,} characters; a card has at most {MAX_BYTES:,}")
    try:
        return text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise CardError("the text is not UTF-8; a card is a JSON text as `dumps` writes it") from error


def parsed(text: str) -> Document:
    """Return the checked content of a card's text; CardError names the first fault."""
    fields = Fields(_json(text), "")
    if fields.get("kind") != KIND:
        raise CardError(f'kind is {shown(fields.get("kind"))}, not "{KIND}"; this JSON is not a scorecard')
    schema = fields.integer("schema", least=1)
    if schema > SCHEMA:
        raise CardError(f"schema is {schema}, this version reads up to {SCHEMA}; upgrade crm_assist")
    calibration = fields.inside("calibration")
    spread = fields.inside("spread")
    document = Document(
        parts=_features(fields),
        pairs=tuple(_read_pair(inner) for inner in fields.objects("pairs")) if schema > 1 else (),
        intercept=fields.number("intercept"),
        calibration=Calibration(slope=calibration.number("slope"), offset=calibration.number("offset")),
        spread=Spread(diagonal=spread.number("diagonal", least=0.0), factors=spread.numbers("factors", length=RANK)),
        purpose=_purpose(fields.inside("purpose")),
        trained=_training(fields.inside("trained")),
        golden=tuple(
            Golden(row=golden.scalars("row"), probability=golden.number("probability"))
            for golden in fields.objects("golden")
        ),
        digest=fields.text("sha256"),
    )
    if not document.calibration.slope > 0:
        raise CardError(f"calibration.slope is {document.calibration.slope!r}; it must be above zero")
    return document


def check_members(text: str | bytes, card: Scorecard) -> None:
    """Raise CardError for a member that no card has: the digest would not cover it, and someone may rely on it."""
    given, known = json.loads(text), json.loads(canonical(card))
    extra = next(_extra({**given, "sha256": ""}, {**known, "sha256": ""}, ""), "")
    if extra:
        raise CardError(f"{extra} is no member of a card; take it out, or upgrade crm_assist if a later one wrote it")


def _extra(given: Any, known: Any, path: str) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(known, dict):
        for name, value in given.items():
            if name in known:
                yield from _extra(value, known[name], f"{path}{name}.")
            elif name not in LATER:  # members that say nothing are left out of the canonical text
                yield shown(f"{path}{name}")
    elif isinstance(given, list) and isinstance(known, list):
        for place, (one, other) in enumerate(zip(given, known, strict=False)):
            yield from _extra(one, other, f"{path.rstrip('.')}[{place}].")


def _json(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)
    except CardError:
        raise
    except RecursionError as error:
        raise CardError("the JSON is nested too deeply to be a card") from error
    except ValueError as error:
        raise CardError(f"not JSON: {str(error)[:200]}; give the text that `dumps` wrote") from error
    if not isinstance(content, dict):
        raise CardError(f"the text holds {shown(content)}, not a JSON object; it is not a scorecard")
    return content


def _no_constant(name: str) -> float:
    raise CardError(f"the number {name} is not finite; a card holds finite numbers only")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise CardError(f"the member {shown(twice)} is given twice; a card names each member once")
    return content


def _plain(value: Any) -> dict[str, Any]:
    members = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return {name: member for name, member in members.items() if member or name not in LATER}


def _feature(part: Feature) -> dict[str, Any]:
    content = _plain(part)
    content.pop("levels" if part.kind == "number" else "edges")
    return content


def _features(fields: Fields) -> tuple[Feature, ...]:
    parts = tuple(_read_feature(inner) for inner in fields.objects("features"))
    if len(parts) > MAX_FEATURES:
        raise CardError(f"features has {len(parts)} entries; a card has at most {MAX_FEATURES}")
    names = [part.name for part in parts]
    for name in names:
        if names.count(name) > 1:
            raise CardError(f"features: {name!r} is given twice; each feature stands once")
    return parts


def _read_feature(fields: Fields) -> Feature:
    kind = fields.text("kind")
    if kind not in ("number", "category"):
        raise fields.fault("kind", kind, 'it must be "number" or "category"')
    edges = fields.increasing("edges") if kind == "number" else ()
    levels = fields.texts("levels") if kind == "category" else ()
    size = len(edges) + len(levels) + 2
    return Feature(
        name=fields.text("name", empty=False),
        kind="number" if kind == "number" else "category",
        edges=edges,
        levels=levels,
        points=fields.numbers("points", length=size),
        share=fields.numbers("share", length=size, least=0.0),
        diagonal=fields.numbers("diagonal", length=size, least=0.0),
        factors=fields.rows("factors", length=size, width=RANK),
    )


def _read_pair(fields: Fields) -> Pair:
    return Pair(
        first=fields.text("first"),
        second=fields.text("second"),
        width=fields.integer("width", least=2),
        points=fields.numbers("points"),
        share=fields.numbers("share", least=0.0),
        diagonal=fields.numbers("diagonal", least=0.0),
    )


def _purpose(fields: Fields) -> Purpose:
    return Purpose(
        target=fields.text("target"),
        label=fields.text("label"),
        horizon_days=fields.maybe("horizon_days", fields.integer),
        adapter=fields.text("adapter"),
        use=fields.later("use", fields.text, ""),
    )


def _training(fields: Fields) -> Training:
    return Training(
        rows=fields.integer("rows"),
        positives=fields.integer("positives"),
        until=fields.maybe("until", fields.text),
        seed=fields.integer("seed", least=None),
        auc=fields.maybe("auc", fields.number),
        ece=fields.maybe("ece", fields.number),
        left_out=fields.texts("left_out"),
        since=fields.later("since", fields.text, None),
        judged=fields.later("judged", fields.integer, 0),
        judged_positives=fields.later("judged_positives", fields.integer, 0),
        in_time=fields.later("in_time", fields.truth, False),
        agreement=fields.later("agreement", fields.number, None),
        compared=fields.later("compared", fields.integer, 0),
    )
