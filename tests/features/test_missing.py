"""A value that is not there has the feature's own word where it has one: no order is not an unknown order."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.functional import lazystr

from crm_assist import features as f

KINDS = (f.Number, f.Age, f.Flag, f.Category)


@pytest.mark.parametrize("kind", KINDS)
def test_missing__of_every_kind__is_told_in_the_hosts_word(kind: type[f.Feature]) -> None:
    assert kind("asked", "asked", label="Asked about", missing=lazystr("nothing")).display(None) == "nothing"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("language", "told"), [("en", "not known"), ("fr", "inconnu")])
def test_missing__where_the_host_says_nothing__is_not_known(kind: type[f.Feature], language: str, told: str) -> None:
    with translation.override(language):
        assert kind("asked", "asked", label="Asked about").display(None) == told
