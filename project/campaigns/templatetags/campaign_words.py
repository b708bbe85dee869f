"""The codes of the campaign file as people read them."""

from __future__ import annotations

from django import template

from project.campaigns.words import WORDS

register = template.Library()


@register.filter
def in_words(code: str) -> str:
    """The word for a code of the file; the code itself if it has none."""
    return str(WORDS.get(code, code))
