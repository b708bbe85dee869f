"""The dossier for people and programs: in plain words, in two languages, agents without names, piece by piece."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone, translation

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.types import Principal
from crm_assist.web import dossier_files
from tests.desk_bank import LABEL, Bank, person, signed_in
from tests.hosts.desk.models import Client


@pytest.fixture
def officer(bank: Bank, agent: User, rose: Client) -> Browser:
    """Compliance, after a decision on Rose that Ann rejected with a comment."""
    bank("recommend")
    ann, now = Principal(key=str(agent.pk), name="Ann Agent"), timezone.now()
    view = flow.record(ann, LABEL, str(rose.pk), now=now - timedelta(days=2))
    chosen = view.suggestions[0].id
    flow.respond(ann, chosen, kind="rejected", reason="other", comment="<b>Prefers</b> cash", now=now)
    return signed_in(person("officer", "view_dossier"))


def page(browser: Browser, rose: Client, **query: str) -> str:
    answer = browser.get("/assist/dossier/", {"model": LABEL, "key": str(rose.pk), **query})
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def test_page__of_a_customer__says_it_all_in_plain_words(officer: Browser, rose: Client) -> None:
    text = page(officer, rose)
    for expected in ("Dossier of Rose", "What the law lets the customer ask", "8,000", "orders something", "Deposit"):
        assert expected in text
    assert "&lt;b&gt;Prefers&lt;/b&gt; cash" in text
    assert "Adviser 1" in text
    assert "Ann" not in text
    assert text.index("Adviser 1") > text.index("What the program does")
    assert text.rstrip().endswith("</html>")


def test_page__in_french__is_french_to_its_last_decision(officer: Browser, rose: Client) -> None:
    text = page(officer, rose, lang="fr")
    for expected in ("Dossier de Rose", "Ce que la loi permet au client de demander", "Conseiller 1", "Lu à ce moment"):
        assert expected in text
    assert "Read at that moment" not in text
    assert translation.get_language() == "en"


def test_page__with_names__needs_the_right_to_read_the_log(officer: Browser, rose: Client) -> None:
    asked = {"model": LABEL, "key": str(rose.pk), "agents": "1"}
    assert officer.get("/assist/dossier/", asked).status_code == 403
    assert "agents=1" not in page(officer, rose)
    both = signed_in(person("both", "view_dossier", "view_log"))
    assert "Ann Agent" in page(both, rose, agents="1")
    assert "agents=1" in page(both, rose)


def test_file__json__is_whole_and_has_no_agent(officer: Browser, rose: Client, agent: User) -> None:
    answer = officer.get("/assist/dossier/", {"model": LABEL, "key": str(rose.pk), "format": "json"})
    assert "attachment" in answer["Content-Disposition"]
    assert str(rose.pk) not in answer["Content-Disposition"].replace(f"{timezone.now():%Y-%m-%d}", "")
    body = json.loads(b"".join(answer.streaming_content))
    assert (body["customer"]["name"], body["count"], len(body["decisions"])) == ("Rose", 1, 1)
    (decision,) = body["decisions"]
    assert decision["by"] == "Adviser 1"
    assert decision["answers"][0]["comment"] == "<b>Prefers</b> cash"
    assert {one["name"] for one in decision["data"]} >= {"balance"}
    assert [one["article"] for one in body["rights"]] == ["15", "16", "17", "18", "20", "21", "22", "77"]


def test_file__without_a_decision__still_is_json(officer: Browser, agent: User) -> None:
    ivy = Client.objects.create(name="Ivy", owner=agent, balance=1)
    answer = officer.get("/assist/dossier/", {"model": LABEL, "key": str(ivy.pk), "format": "json"})
    assert json.loads(b"".join(answer.streaming_content))["decisions"] == []


def test_page__decision_whose_data_was_erased__keeps_the_frame_and_no_agents_key(
    officer: Browser, rose: Client, settings: Any
) -> None:
    settings.CRM_ASSIST = {"RETENTION_DAYS": 1}
    assert len(list(flow.retain(now=timezone.now()))) == 1
    body = json.loads(page(officer, rose, format="json"))
    (decision,) = body["decisions"]
    assert (decision["erased"], decision["score"], decision["data"]) == (True, None, [])
    assert decision["answers"][0]["by"] == "Adviser 1"
    assert "emptied after 1 days" in " ".join(body["keeping"])
    assert "The data of this decision was erased" in page(officer, rose)


def test_form__without_a_key__asks_for_one(officer: Browser) -> None:
    answer = officer.get("/assist/dossier/")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert f'<option value="{LABEL}"' in text
    assert ">Dossier</a>" in text


@pytest.mark.parametrize("key", ["999999", "no-key"])
def test_page__nobody__is_404_with_the_form(officer: Browser, key: str) -> None:
    answer = officer.get("/assist/dossier/", {"model": LABEL, "key": key})
    assert answer.status_code == 404
    assert f"Nothing is kept about “{key}”" in answer.content.decode()


@pytest.mark.parametrize("query", [{"format": "pdf"}, {"agents": "yes"}, {"key": "k" * 256}, {"key": "\x00"}])
def test_page__what_cannot_be_read__is_400(officer: Browser, rose: Client, query: dict[str, str]) -> None:
    asked = {"model": LABEL, "key": str(rose.pk), **query}
    assert officer.get("/assist/dossier/", asked).status_code == 400


def test_page__without_the_right__is_closed_and_not_in_the_ways(officer: Browser, rose: Client) -> None:
    reader = signed_in(person("reader", "view_log", "export_log"))
    assert reader.get("/assist/dossier/").status_code == 403
    assert reader.get("/assist/dossier/", {"model": LABEL, "key": str(rose.pk)}).status_code == 403
    assert ">Dossier</a>" not in reader.get("/assist/decisions/").content.decode()


def test_decision__of_somebody__leads_to_the_dossier_whoever_may_see_it(officer: Browser, rose: Client) -> None:
    row = Decision.objects.get()
    address = f"/assist/dossier/?model={LABEL}&amp;key={rose.pk}"
    both, reader = (signed_in(person(name, "view_log", *more)) for name, more in (("b", ["view_dossier"]), ("r", [])))
    assert address in both.get(f"/assist/decisions/{row.pk}/").content.decode()
    assert address not in reader.get(f"/assist/decisions/{row.pk}/").content.decode()


def test_rest__either_form__is_streamed_with_style_inside(officer: Browser, rose: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.api.urls"
    asked = {"model": LABEL, "key": str(rose.pk)}
    answer = officer.get("/api/assist/v1/dossier/", asked)
    assert json.loads(b"".join(answer.streaming_content))["customer"]["key"] == str(rose.pk)
    answer = officer.get("/api/assist/v1/dossier/", {**asked, "format": "html"}, headers={"Accept-Language": "fr"})
    text = b"".join(answer.streaming_content).decode()
    assert "<style>" in text
    assert "Conseiller 1" in text
    assert "<link" not in text
    assert officer.get("/api/assist/v1/dossier/", {**asked, "key": "999999"}).status_code == 404
    assert officer.get("/api/assist/v1/dossier/", {"model": LABEL}).status_code == 400
    assert officer.get("/api/assist/v1/dossier/", {**asked, "agents": "1"}).status_code == 403
    assert signed_in(person("r", "view_log")).get("/api/assist/v1/dossier/", asked).status_code == 403


def test_command__writes_a_file_for_its_owner_alone_and_never_over_another(
    officer: Browser, rose: Client, tmp_path: Path
) -> None:
    out = tmp_path / "rose.html"
    call_command("crm_assist_dossier", LABEL, str(rose.pk), language="fr", out=str(out))
    text = out.read_text(encoding="utf-8")
    assert '<html lang="fr">' in text
    assert "Conseiller 1" in text
    assert out.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="does not exist yet"):
        call_command("crm_assist_dossier", LABEL, str(rose.pk), out=str(out))


def test_command__json_on_standard_output__is_json(officer: Browser, rose: Client, capsys: Any) -> None:
    call_command("crm_assist_dossier", LABEL, str(rose.pk), "--format", "json", "--agents")
    assert json.loads(capsys.readouterr().out)["decisions"][0]["by"] == "Ann Agent"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([LABEL, "999999"], "neither the CRM nor we know"),
        (["no.Model", "7"], "neither the CRM nor we know"),
        ([LABEL, "7", "--language", "xx"], "--language 'xx'"),
    ],
)
def test_command__what_is_not_there__is_told_in_a_line(officer: Browser, given: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("crm_assist_dossier", *given)


def test_pieces__drawn_late__are_in_the_language_they_were_asked_in(officer: Browser, rose: Client) -> None:
    who = Principal(key="dpo", permissions=frozenset({"view_dossier"}))
    with translation.override("fr"):
        pieces = dossier_files.spoken(dossier_files.as_json(flow.dossier(who, LABEL, str(rose.pk), now=timezone.now())))
    assert "Conseiller 1" in "".join(pieces)
