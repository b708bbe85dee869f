"""Without the extra: a clear word that names it, and nothing else of ours is touched."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest


@pytest.mark.parametrize("missing", ["rest_framework", "drf_spectacular"])
def test_addresses__without_the_extra__name_it(missing: str) -> None:
    code = f"""
    import sys
    sys.modules[{missing!r}] = None
    from django.core.exceptions import ImproperlyConfigured
    import crm_assist.customers
    try:
        import crm_assist.api.urls
    except ImproperlyConfigured as error:
        print(error)
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True)
    assert 'pip install "djangorestframework>=' in done.stdout
    assert "-py3-none-any.whl[api]" in done.stdout
    assert missing in done.stdout
