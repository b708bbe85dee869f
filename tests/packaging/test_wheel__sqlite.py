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
from textwrap import dedent

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


def issues(output: str) -> set[str]:
    """The ids that `manage.py check` printed."""
    return set(re.findall(r"\((\w+\.[EW]\d+)\)", output))


def test_empty_project__with_the_app__migrates_there_and_back(stranger: Path) -> None:
    settings = write_settings(stranger, "with_app", WITH_APP)
    manage = (python(stranger), "-W", "error", "manage.py")
    assert "Applying crm_assist.0001_initial... OK" in run(*manage, "migrate", cwd=stranger, settings=settings)
    said = run(*manage, "makemigrations", "--check", "--dry-run", cwd=stranger, settings=settings)
    assert "No changes" in said
    said = run(*manage, "migrate", "crm_assist", "zero", cwd=stranger, settings=settings)
    assert "Unapplying crm_assist.0001_initial... OK" in said


def test_bare_host__without_any_contrib_app__is_told_what_is_missing_and_migrates(stranger: Path) -> None:
    settings = write_settings(
        stranger,
        "bare",
        'SECRET_KEY = "x"\nUSE_TZ = True\nINSTALLED_APPS = ["crm_assist"]\n'
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "bare.sqlite3"}}\n',
    )
    manage = (python(stranger), "-W", "error", "-m", "django")
    assert issues(run(*manage, "check", cwd=stranger, settings=settings)) == {"crm_assist.W001", "crm_assist.W004"}
    assert "Applying crm_assist.0001_initial... OK" in run(*manage, "migrate", cwd=stranger, settings=settings)


HOST = {
    "shop/__init__.py": "",
    "shop/models.py": """
        from django.db import models
        class Customer(models.Model):
            name = models.CharField(max_length=80)
            balance = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    """,
    "shop/assist.py": """
        from django.db.models import F
        from crm_assist import customers, features as f
        from crm_assist.types import Consent, ConsentState
        from shop.models import Customer
        @customers.register(Customer)
        class ShopCustomer(customers.CustomerAdapter):
            features = [f.Number("balance", F("balance"), label="Balance", unit="EUR", rules=True, history=False)]
            def visible(self, principal, queryset): return queryset
            def consent(self, obj): return Consent(state=ConsentState.GRANTED)
    """,
    "shop/urls.py": """
        from django.http import HttpResponse
        from django.template import engines
        from django.urls import include, path
        from shop.models import Customer
        PAGE = "<title>{{ customer.name }}</title>{% load crm_assist %}{% crm_assist_panel customer %}"
        def record(request, pk):
            page = engines["django"].from_string(PAGE)
            return HttpResponse(page.render({"customer": Customer.objects.get(pk=pk)}, request))
        urlpatterns = [path("assist/", include("crm_assist.urls")), path("customers/<int:pk>/", record)]
    """,
}
VISIT = """
import django, html, re
django.setup()
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client
from shop.models import Customer
customer = Customer.objects.create(name="Ada", balance=12)
client = Client()
client.force_login(User.objects.create_superuser("chief"))
page = client.get(f"/customers/{customer.pk}/").content.decode()
sources = re.findall(r'(?:href|src)="/static/([^"?]+)', page)
fragment = html.unescape(re.search(r'"(/assist/panel/[^"]+)"', page)[1])
answer = client.get(fragment)
filled = "data-crm-assist-fragment" in answer.content.decode()
print(len(sources), all(map(finders.find, sources)), answer.status_code, filled)
"""


def test_stranger__after_the_install_steps__has_a_clean_check_and_a_panel_on_the_record(stranger: Path) -> None:
    for name, text in HOST.items():
        (stranger / name).parent.mkdir(exist_ok=True)
        (stranger / name).write_text(dedent(text))
    more = 'INSTALLED_APPS.append("shop")\nROOT_URLCONF = "shop.urls"\nALLOWED_HOSTS = ["testserver"]\n'
    more += 'DATABASES["default"]["NAME"] = "shop.sqlite3"\n'
    settings = write_settings(stranger, "shop_settings", WITH_APP + more)
    manage = (python(stranger), "-W", "error", "manage.py")
    run(*manage, "makemigrations", "shop", cwd=stranger, settings=settings)
    run(*manage, "migrate", cwd=stranger, settings=settings)
    assert "no issues" in run(*manage, "check", cwd=stranger, settings=settings)
    said = run(python(stranger), "-W", "error", "-c", VISIT, cwd=stranger, settings=settings)
    assert said.splitlines()[-1] == "2 True 200 True", said


IMPORT_ALL = """
import django, importlib
from pathlib import Path
django.setup()
import crm_assist
OPTIONAL = {"numpy", "scipy", "sklearn", "threadpoolctl", "rest_framework", "celery", "prometheus_client", "pyarrow"}
root = Path(crm_assist.__file__).parent.parent
for file in sorted((root / "crm_assist").rglob("*.py")):
    name = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    if name.startswith("crm_assist.api"):
        continue
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
        print(name)
"""


def test_modules__without_the_extras__import_but_for_fitting_batches_and_tasks(stranger: Path) -> None:
    settings = write_settings(stranger, "imports", WITH_APP)
    refused = run(python(stranger), "-c", IMPORT_ALL, cwd=stranger, settings=settings).split()
    assert "crm_assist.learning" not in refused
    needy = ("crm_assist.learning.", "crm_assist.scorecards.batch", "crm_assist.tasks.celery")
    assert [name for name in refused if not name.startswith(needy)] == []
