"""What a card cannot do, in words: every reader of a model card is told before relying on it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm_assist.scorecards import Scorecard
from crm_assist.scorecards.certainty import auc_interval
from crm_assist.web.card_words import Declared, count, figure, label_of, share_told

FEW_POSITIVES = 100
MUCH_MISSING = 0.2
HARDLY = 0.55
"""An area below which, at the low end of its interval, customers are hardly told apart."""

FAR_OFF = 0.03
"""An error of calibration from which on a card sorts better than it says how likely."""


def limits(card: Scorecard, declared: Declared) -> Iterator[str]:
    """Each limit as a sentence, in the language in force."""
    trained = card.trained
    yield _(
        "It says what followed for similar customers in that period. What has changed since then, it does not know."
    )
    if trained.positives < FEW_POSITIVES:
        told = {"count": count(trained.positives)}
        yield _("Only %(count)s customers with the outcome: every figure here is uncertain.") % told
    if trained.auc is not None and (_low_end(card) < HARDLY):
        yield _("It hardly tells customers apart: use it as one hint among others.")
    if trained.ece is not None and trained.ece >= FAR_OFF:
        told = {"size": figure(100 * trained.ece, 1)}
        yield (
            _("Its probabilities were off by %(size)s in 100 on average: rely on the order rather than the number.")
            % told
        )
    if trained.judged and not trained.in_time:
        yield _("It was judged on rows of the same period, which flatters it where the world changes.")
    yield _(
        "Intervals hold nine times in ten if rows are independent. Rows of one customer are not, so that the truth may "
        "lie somewhat further out."
    )
    for part in card.parts:
        feature = declared.get(part.name)
        # Where the host has a word of its own for it, nothing is missing: who asked for nothing is not unknown.
        if part.share[-1] >= MUCH_MISSING and not (feature and str(feature.missing)):
            told = {"feature": label_of(part.name, declared) or part.name, "share": share_told(part.share[-1])}
            yield _("%(feature)s: not known for %(share)s of the customers.") % told


def _low_end(card: Scorecard) -> float:
    trained = card.trained
    interval = auc_interval(trained.auc or 0.0, trained.judged_positives, trained.judged - trained.judged_positives)
    return interval[0] if interval else trained.auc or 0.0
