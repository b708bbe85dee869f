"""The wheel as a stranger installs it: beside Django alone, in an empty project, nothing forgotten inside."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# One worker builds and installs once for every test here.
pytestmark = pytest.mark.xdist_group("wheel")
WITH_APP = 'from empty.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, "crm_assist"]\n'
DJANGO_AND_ITS_NEEDS = ("django", "asgiref", "sqlparse")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel; nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
        cwd=ROOT,
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def stranger(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty project whose Python has Django and the wheel, and no other package."""
    folder = tmp_path_factory.mktemp("stranger")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    packages = next((folder / "env").glob("lib/python*/site-packages"))
    for name in DJANGO_AND_ITS_NEEDS:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        (packages / name).symlink_to(Path(spec.origin).parent)
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python(folder),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    )
    run(python(folder), "-m", "django", "startproject", "empty", str(folder), cwd=folder)
    return folder


def python(folder: Path) -> str:
    """The stranger's interpreter."""
    return str(folder / "env" / "bin" / "python")


def run(*command: str, cwd: Path | None = None, settings: str | None = None) -> str:
    """Run without our own paths and settings; what it printed, or a failure that shows it."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE", "PYTHONHOME")}
    if settings is not None:
        kept["DJANGO_SETTINGS_MODULE"] = settings
    done = subprocess.run(command, cwd=cwd, env=kept, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
    return done.stdout


def write_settings(folder: Path, name: str, text: str) -> str:
    """Add a settings module to the stranger's project; its dotted name."""
    (folder / "empty" / f"{name}.py").write_text(text)
    return f"empty.{name}"


def test_wheel__holds__every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    source = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "crm_assist").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert inside == source
    assert "crm_assist/py.typed" in inside


def test_wheel__requires__django_alone(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    needs = HeaderParser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist") or []
    bare = [re.match(r"[\w-]+", need)[0].lower() for need in needs if "extra ==" not in need]  # type: ignore[index]
    assert bare == ["django"]


def test_stranger__has__none_of_the_optional_packages(stranger: Path) -> None:
    script = (
        "import importlib.util as u; "
        "print([n for n in ('numpy', 'sklearn', 'psycopg', 'rest_framework', 'pip') if u.find_spec(n)])"
    )
    assert run(python(stranger), "-c", script, cwd=stranger).strip() == "[]"


def test_empty_project__with_the_app__checks_and_migrates(stranger: Path) -> None:
    settings = write_settings(
        stranger,
        "with_app",
        'from empty.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, "crm_assist"]\n',
    )
    manage = (python(stranger), "-W", "error", "manage.py")
    assert "no issues" in run(*manage, "check", cwd=stranger, settings=settings)
    assert "Applying crm_assist.0001_initial... OK" in run(*manage, "migrate", cwd=stranger, settings=settings)
    assert "No changes" in run(*manage, "makemigrations", "--check", "--dry-run", cwd=stranger, settings=settings)
    commands = run(*manage, "migrate", "crm_assist", "zero", cwd=stranger, settings=settings)
    assert "Unapplying crm_assist.0001_initial... OK" in commands


def test_bare_host__without_any_contrib_app__checks_and_migrates(stranger: Path) -> None:
    settings = write_settings(
        stranger,
        "bare",
        'SECRET_KEY = "x"\nUSE_TZ = True\nINSTALLED_APPS = ["crm_assist"]\n'
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "bare.sqlite3"}}\n',
    )
    manage = (python(stranger), "-W", "error", "-m", "django")
    assert "no issues" in run(*manage, "check", cwd=stranger, settings=settings)
    assert "Applying crm_assist.0001_initial... OK" in run(*manage, "migrate", cwd=stranger, settings=settings)


IMPORT_ALL = """
import django, importlib, pkgutil
django.setup()
import crm_assist
OPTIONAL = {"numpy", "scipy", "sklearn", "rest_framework"}
for found in pkgutil.walk_packages(crm_assist.__path__, "crm_assist."):
    if found.name.startswith("crm_assist.api"):
        continue
    try:
        importlib.import_module(found.name)
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
        print(found.name)
"""


def test_modules__without_the_extras__import_but_for_fitting_and_batches(stranger: Path) -> None:
    settings = write_settings(stranger, "imports", WITH_APP)
    refused = run(python(stranger), "-c", IMPORT_ALL, cwd=stranger, settings=settings).split()
    assert "crm_assist.learning" not in refused
    assert [
        name for name in refused if not name.startswith(("crm_assist.learning.", "crm_assist.scorecards.batch"))
    ] == []
