"""What a fit refuses, and what it says when its extra is not installed."""

from __future__ import annotations

from importlib.util import find_spec

from crm_assist.packages import remedy


class FitError(ValueError):
    """The data cannot be learned from; the message names the column, what is wrong and the remedy."""


def require_learn() -> None:
    """Raise ImproperlyConfigured, naming the extra, unless NumPy and scikit-learn are installed."""
    # Imported here so that evaluation and fitting work in a process without Django's settings.
    from django.core.exceptions import ImproperlyConfigured

    for package in ("numpy", "sklearn"):
        try:
            found = find_spec(package) is not None
        except (ImportError, ValueError):
            found = False
        if not found:
            raise ImproperlyConfigured(f"fitting a scorecard needs {package}: {remedy('learn')}")
