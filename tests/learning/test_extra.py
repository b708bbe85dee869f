"""Without the extra, importing works and fitting says what to install."""

from __future__ import annotations

import subprocess
import sys


def test_fit__without_scikit_learn__names_the_extra() -> None:
    code = (
        "import sys\n"
        "sys.modules['sklearn'] = None\n"
        "from django.core.exceptions import ImproperlyConfigured\n"
        "from crm_assist.learning import fit_scorecard\n"
        "try:\n"
        "    fit_scorecard({}, [])\n"
        "except ImproperlyConfigured as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "scikit-learn>=' in done.stdout
    assert "-py3-none-any.whl[learn]" in done.stdout
