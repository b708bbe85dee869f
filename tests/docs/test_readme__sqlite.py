"""The README's way to install, followed in a small host that knows nothing of us."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.follow import ROOT, Step, follow, run, steps

INSTALL = (ROOT / "README.md").read_text().partition("## Install it")[2].partition("\n## ")[0]
MODELS = """
from django.conf import settings
from django.db import models


class Customer(models.Model):
    since = models.DateField()
    agreed = models.BooleanField(default=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    product = models.CharField(max_length=20)
    at = models.DateTimeField()
"""
URLS = """
from django.shortcuts import get_object_or_404, render
from django.urls import path
from shop.models import Customer


def page(request, pk):
    return render(request, "customer.html", {"customer": get_object_or_404(Customer, pk=pk)})


urlpatterns = [path("customers/<int:pk>/", page)]
"""
FILL = """
from datetime import timedelta
from random import Random
from django.contrib.auth.models import User
from django.utils import timezone
from shop.models import Customer, Order
chance, now, ann = Random(2), timezone.now(), User.objects.create_user("ann")
for _ in range(300):
    customer = Customer.objects.create(since=(now - timedelta(days=chance.randint(300, 4000))).date(), owner=ann)
    for _ in range(chance.randint(0, 3)):
        Order.objects.create(customer=customer, product="book", at=now - timedelta(days=chance.uniform(0, 400)))
"""
LOOK = """
from django.contrib.auth.models import User
from django.test import Client
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="ann"))
assert b"<crm-assist-panel" in client.get("/customers/1/").content
panel = client.get("/assist/panel/", {"model": "shop.Customer", "key": "1"}).content.decode()
assert "within 90 days" in panel and "Orders so far" in panel, panel
"""


def host(folder: Path, settings: str = "") -> None:
    """A shop with customers and orders, its tables made and filled, and no word of us."""
    run(["django-admin", "startproject", "shop_site", "."], folder)
    run(["python", "manage.py", "startapp", "shop"], folder)
    (folder / "shop" / "models.py").write_text(MODELS)
    (folder / "shop_site" / "urls.py").write_text(URLS)
    (folder / "shop" / "templates").mkdir()
    (folder / "shop" / "templates" / "customer.html").write_text("<h1>{{ customer.pk }}</h1>\n")
    with (folder / "shop_site" / "settings.py").open("a") as file:
        file.write('INSTALLED_APPS += ["shop"]\n' + settings)
    run(["python", "manage.py", "makemigrations", "shop"], folder)
    run(["python", "manage.py", "migrate"], folder)
    run(["python", "manage.py", "shell", "--command", FILL], folder)


def test_install__followed_in_a_small_shop__shows_a_score(tmp_path: Path) -> None:
    host(tmp_path)
    wiring, then, once = INSTALL.partition("In `python manage.py shell`")
    follow(wiring, tmp_path)
    run(["python", "manage.py", "migrate"], tmp_path)
    assert "Nothing blocks." in follow(then + once, tmp_path)
    run(["python", "manage.py", "shell", "--command", LOOK], tmp_path)


def code(step: Step) -> int:
    return 0 if step.verb == "sh" else sum(bool(line.strip()) for line in step.body.splitlines())


def test_install__counted__is_what_it_claims_and_under_25_lines() -> None:
    claimed = re.search(r"(\d+) lines:", INSTALL)
    assert claimed is not None
    assert sum(map(code, steps(INSTALL))) == int(claimed[1]) < 25
