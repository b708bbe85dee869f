"""What became of suggestions, counted: honest rates, and what a change of a rate is made of."""

from __future__ import annotations
