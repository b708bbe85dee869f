"""`python -m tests.matrix.page`: docs/reference/permission-matrix.md, written from what the tests assert."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import django
from django.urls import URLPattern

from tests.matrix.doors import METHODS, PEOPLE, SURFACES, Surface

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "permission-matrix.md"
HEAD = """<!-- Made from the tests by `python -m tests.matrix.page`. -->

# Permission matrix

How each role is answered at each address, as tests try it on a bank in the phase `recommend`. A role is the
permissions that [`crm_assist_roles`](permissions.md) gives its group. Agents and team leads ask for a customer, a
decision and a suggestion of their own; the others for the same ones, which they may not see: 404, as if they were not
there. 401 and 302 are for whoever is not signed in; 403 lacks a permission; 409 says that there was nothing to take
back. Every other method of an address is 405, and for nobody in REST 401.
"""


def named(surface: Surface) -> dict[str, str]:
    """The routes of a surface by name."""
    patterns = import_module(surface.urls).urlpatterns
    return {one.name: str(one.pattern) for one in patterns if isinstance(one, URLPattern) and one.name}


def text() -> str:
    """The page."""
    parts = [HEAD]
    for surface in SURFACES:
        lines = [f"| method and address | {' | '.join(PEOPLE)} |", "|" + "---|" * (len(PEOPLE) + 1)]
        for name, route in named(surface).items():
            for method in METHODS:
                if method in surface.doors[name]:
                    told = (str(surface.expected(name, method, person)) for person in PEOPLE)
                    lines.append(f"| `{method} {route}` | {' | '.join(told)} |")
        parts += [f"## {surface.title}: `{surface.urls}`\n", "\n".join(lines) + "\n"]
    return "\n".join(parts)


def main() -> None:
    """Write it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PAGE.write_text(text())


if __name__ == "__main__":
    main()
