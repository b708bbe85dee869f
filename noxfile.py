"""Every version that we support: `nox` (or `make matrix`) tries them all, `nox -s tests -- smoke` in short.

    nox -s "tests(3.12-6.0)" -- sqlite -k panel     one cell, one database, some tests
    nox -s lowest newest alone wheel                       the ends of our version ranges, and what is shipped

Interpreters are looked for on PATH, then under ~/.pyenv/versions, then by uv. One that is nowhere is said, not hidden.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False

ROOT = Path(__file__).parent
CELLS = (("3.11", "5.2"), ("3.12", "6.0"), ("3.13", "5.2"), ("3.13", "6.1"))
OLDEST, NEWEST = CELLS[0][0], CELLS[-1][0]
SMOKE = (
    "tests/guests",
    "tests/flow/test_story.py",
    "tests/journal/test_guards.py",
    "tests/test_checks.py",
    "tests/test_doctor.py",
    "tests/test_receivers.py",
    "tests/web/test_panel.py",
    "tests/web/test_tags.py",
)
"""The places where versions of Django and Python differed so far: hosts, migrations, guards, checks, pages."""
EXTRAS = (
    "tests/learning/test_fitting.py",
    "tests/api/test_assist.py",
    "tests/api/test_views.py",
    "tests/test_metrics.py",
)
"""What the extras serve, beside those, for the lowest versions of them."""

WITHOUT_OURS = ("-c", "import crm_assist, sys; sys.exit('site-packages' not in crm_assist.__file__)")

NO_EXTRA = """
import importlib.util, sys
extras = ("numpy", "scipy", "sklearn", "psycopg", "rest_framework", "drf_spectacular", "celery", "prometheus_client",
    "pyarrow")
sys.exit(", ".join(name for name in extras if importlib.util.find_spec(name)) or 0)
"""
TOOLS = ("pip", "pytest", "pytest-django", "pytest-xdist", "pytest-randomly", "hypothesis", "playwright")


def _works(program: str, version: str) -> bool:
    asked = [program, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == version


def _found_by_uv(version: str) -> list[str]:
    uv = shutil.which("uv")
    if uv is None:
        return []
    asked = [uv, "python", "find", "--no-project", version]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    return [done.stdout.strip()] if done.returncode == 0 else []


def interpreter(version: str) -> str | None:
    """A Python of that version that really starts (pyenv's shims may not), or None."""
    named = f"python{version}"
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/{named}"), reverse=True)
    on_path = [shutil.which(named) or ""]
    for program in [*on_path, *map(str, kept), *_found_by_uv(version)]:
        if program and _works(program, version):
            return program
    return None


def _obtained(version: str) -> str | None:
    """In continuous integration an interpreter that is nowhere is fetched, if the network lets us."""
    if os.environ.get("CI") != "true" or not shutil.which("uv"):
        return None
    fetch = ["uv", "python", "install", "--no-bin", version]
    try:
        subprocess.run(fetch, capture_output=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        return None
    return interpreter(version)


for _version in sorted({python for python, _ in CELLS}):
    # nox itself looks on PATH alone, where a shim of pyenv may stand that leads nowhere.
    if (_program := interpreter(_version) or _obtained(_version)) and shutil.which(f"python{_version}") != _program:
        os.environ["PATH"] = os.pathsep.join([str(Path(_program).parent), os.environ["PATH"]])


@nox.session
@nox.parametrize("python,django", [nox.param(*cell, id="-".join(cell)) for cell in CELLS])
def tests(session: nox.Session, django: str) -> None:
    """The whole suite on both databases; `-- smoke` for the short one, `-- sqlite` or `-- postgresql` for one."""
    session.install("--editable", ".[dev]", f"django=={django}.*", "pip")
    _check_versions(session, django)
    _run_tests(session)


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """The oldest versions that our lower bounds allow, tried in earnest: `-- smoke` for the short one."""
    pins = str(Path(session.create_tmp()).resolve() / "lowest.txt")
    session.install("uv")
    asked = ("uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header", "--resolution", "lowest-direct")
    session.run(*asked, "--extra", "full", "--python-version", OLDEST, "--output-file", pins, "pyproject.toml")
    session.install("--editable", ".[dev]", "--constraint", pins, "pip")
    _check_versions(session, "5.2")
    _run_tests(session)


@nox.session(python=NEWEST)
def newest(session: nox.Session) -> None:
    """The newest of everything that our bounds allow, of pre-releases none; a resolver may not step back in silence."""
    session.install("--upgrade", "--editable", ".[dev]", "pip")
    _check_versions(session, CELLS[-1][1])
    _run_tests(session)


@nox.session(python=[OLDEST, NEWEST])
def alone(session: nox.Session) -> None:
    """Django alone: the built wheel without any extra serves a score, a suggestion and the log on a bare host."""
    wheel = _built(session)
    session.install("--force-reinstall", str(wheel))
    _outside(session, *WITHOUT_OURS)
    _outside(session, "-c", NO_EXTRA)
    session.env["DJANGO_SETTINGS_MODULE"] = "tests.hosts.bare.settings"
    _outside(session, "-W", "error", "-m", "django", "test", "tests.hosts.bare", "--noinput")


@nox.session(python=[OLDEST, NEWEST])
def wheel(session: nox.Session) -> None:
    """The wheel as a new user meets it: what is inside, and the README's steps in an empty project."""
    built = _built(session)
    session.install("--force-reinstall", f"{built}[full]")
    session.install(*TOOLS)
    session.env["CRM_ASSIST_INSTALLED"] = "1"
    _outside(session, *WITHOUT_OURS)
    session.env["TEST_DB"], session.env["PYTHONPATH"] = "sqlite", str(ROOT)
    places = ("tests/packaging", "tests/docs/test_readme__sqlite.py")
    further = (word for word in session.posargs if word != "smoke")  # it is short as it is
    session.run("python", "-m", "pytest", "-q", *places, *further)


def _built(session: nox.Session) -> Path:
    """A wheel built from this checkout, by the session's own Python."""
    folder = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    session.install("build", "hatchling")
    session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), silent=True)
    return next(folder.glob("*.whl"))


def _outside(session: nox.Session, *arguments: str) -> None:
    """Run Python where our checkout's package is not to be found, but its tests are."""
    folder = Path(session.create_tmp()).resolve() / "outside"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "project", folder / "project", ignore=shutil.ignore_patterns("__pycache__"))
    with session.chdir(folder):
        session.run("python", *arguments, env={"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"})


def _check_versions(session: nox.Session, django: str) -> None:
    """Fail when a resolver stepped back to an old release: our own system check knows the lowest of each."""
    session.run("python", "-c", f"import django; assert django.__version__.startswith('{django}'), django.__version__")
    session.run("python", "-m", "django", "check", "--settings", "project.settings", "--fail-level", "WARNING")


def _run_tests(session: nox.Session) -> None:
    """Whole or in short, on both databases or one."""
    words = list(session.posargs)
    smoke = [*SMOKE, *EXTRAS] if "smoke" in words else []
    chosen = [word for word in words if word in ("sqlite", "postgresql")]
    rest = [word for word in words if word not in ("smoke", "sqlite", "postgresql")]
    session.env["PYTHONPATH"] = str(ROOT)
    # A session's own folder for temporary files may lie where the server's unprivileged user cannot go.
    session.env.pop("TMPDIR", None)
    session.run("python", "-m", "tests", *chosen, *smoke, *rest)
