"""The tutorial, followed word by word in an empty folder."""

from __future__ import annotations

from pathlib import Path

from tests.docs.follow import ROOT, follow, run

ASK = """
from django.test import Client
from django.contrib.auth.models import User
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="ann"))
page = client.get("/clients/2/")
assert b"crm-assist-panel" in page.content, page.content
for key, words in (("2", "Fixed interest on money"), ("1", "It is not known whether this customer agrees")):
    panel = client.get("/assist/panel/", {"model": "clients.Client", "key": key})
    assert words in panel.content.decode(), panel.content.decode()
for address in ("/assist/phases/", "/assist/decisions/"):
    assert client.get(address).status_code == 200, address
"""


def test_tutorial__followed_word_by_word__ends_with_a_suggestion(tmp_path: Path) -> None:
    printed = follow((ROOT / "docs" / "tutorial.md").read_text(), tmp_path)
    assert printed.count("Nothing blocks.") == 2
    assert "System check identified no issues" in printed
    run(["python", "manage.py", "shell", "--command", ASK], tmp_path)
