"""The analyst's pages: filters, pages by place, one decision whole, its replay, the export."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.utils import timezone

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.types import Principal
from tests.desk_bank import LABEL, declaring, person, signed_in
from tests.hosts.desk.models import Client

Bank = Callable[[str], None]


@pytest.fixture
def analyst(bank: Bank, agent: User, rose: Client) -> Browser:
    """An analyst, after three decisions on Rose: yesterday one answered, today one silent."""
    bank("recommend")
    ann, now = Principal(key=str(agent.pk), name="Ann Agent"), timezone.now()
    view = flow.record(ann, LABEL, str(rose.pk), now=now - timedelta(days=2))
    flow.respond(ann, view.suggestions[0].id, kind="rejected", reason="bad_moment", now=now - timedelta(days=2))
    flow.record(ann, LABEL, str(rose.pk), now=now - timedelta(days=1))
    Client.objects.filter(pk=rose.pk).update(consent="refused")
    flow.record(ann, LABEL, str(rose.pk), now=now)
    return signed_in(person("analyst", "view_log", "export_log", "view_agent"))


def listed(browser: Browser, **query: Any) -> int:
    answer = browser.get("/assist/decisions/", query)
    assert answer.status_code == 200
    return len(answer.context["rows"])


def test_decisions__all__newest_first_with_answers(analyst: Browser, rose: Client) -> None:
    answer = analyst.get("/assist/decisions/")
    rows = answer.context["rows"]
    products = [[code for code, _name in row["products"]] for row in rows]
    assert products == [[], ["card"], ["deposit", "card"]]
    assert rows[2]["products"][0] == ("deposit", "Deposit")
    assert rows[2]["answers"] == ["Deposit · Rejected (Bad moment)"]
    assert "This customer does not wish to receive suggestions." in answer.content.decode()


def test_decisions__filters__each_narrows(analyst: Browser, agent: User, rose: Client) -> None:
    today = timezone.localdate()
    counts = {
        "product": listed(analyst, product="deposit"),
        "response": listed(analyst, response="rejected"),
        "reason": listed(analyst, reason="bad_moment"),
        "silence": listed(analyst, silence="no_consent"),
        "key": listed(analyst, key=str(rose.pk)),
        "agent": listed(analyst, agent=str(agent.pk)),
        "phase": listed(analyst, phase="shadow"),
        "team": listed(analyst, team="south"),
        "since": listed(analyst, since=today.isoformat()),
        "until": listed(analyst, until=(today - timedelta(days=2)).isoformat()),
    }
    assert counts == {
        "product": 1,
        "response": 1,
        "reason": 1,
        "silence": 1,
        "key": 3,
        "agent": 3,
        "phase": 0,
        "team": 0,
        "since": 1,
        "until": 1,
    }


def test_decisions__products_teams_and_agents__are_found_by_name(analyst: Browser, agent: User) -> None:
    assert listed(analyst, product="Deposit FR") == listed(analyst, product="DEPOSIT") == 1
    assert listed(analyst, agent="ann agent") == listed(analyst, agent="Agent") == 3
    assert listed(analyst, agent="nobody of this name") == 0
    rows = b"".join(analyst.get("/assist/decisions/export/", {"product": "deposit fr"}).streaming_content)
    assert len(list(csv.DictReader(io.StringIO(rows.decode())))) == 1
    text = analyst.get("/assist/decisions/").content.decode()
    assert '<option value="deposit">Deposit</option>' in text
    assert '<option value="north"></option>' in text


def test_decisions__name_of_several_agents__is_400_that_names_them(analyst: Browser, agent: User) -> None:
    other = User.objects.create_user("annabel", first_name="Anna", last_name="Agent")
    answer = analyst.get("/assist/decisions/", {"agent": "agent", "product": "card"})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert f"Ann Agent ({agent.pk}); Anna Agent ({other.pk})" in text
    assert listed(analyst, agent="Ann Agent") == 3


def test_decisions__refused_filter__keeps_the_form_and_what_was_entered(analyst: Browser) -> None:
    answer = analyst.get("/assist/decisions/", {"since": "2026-13-45", "product": "deposit"})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "“2026-13-45” is not a day" in text
    assert re.search(r'name="since" value="2026-13-45" aria-invalid="true"', text)
    assert 'name="product" maxlength="100" value="deposit"' in text
    assert "No decision matches." not in text


def test_decisions__zero_character__is_not_called_too_long(analyst: Browser) -> None:
    text = analyst.get("/assist/decisions/", {"key": "\x00"}).content.decode()
    assert "a character that cannot be kept" in text
    assert "too long" not in text


def test_decisions__pages__hold_each_row_once(analyst: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_assist.web.log.ON_A_PAGE", 2)
    first = analyst.get("/assist/decisions/", {"agent": ""})
    second = analyst.get(f"/assist/decisions/?{first.context['next']}")
    seen = [row["id"] for row in [*first.context["rows"], *second.context["rows"]]]
    assert len(seen) == len(set(seen)) == 3
    assert (second.context["next"], second.context["is_later_page"]) == ("", True)


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("since", "yesterday", "From the day"),
        ("until", "2026-02-31", "To the day"),
        ("until", "9999-12-31", "To the day"),
        ("team", "t" * 101, "Team"),
        ("key", "\x00", "Customer"),
        ("after", "nonsense", "Page"),
        ("after", "2026-01-01T00:00:00_x", "Page"),
    ],
)
def test_decisions__unreadable_filter__is_400_that_names_it_as_the_screen_does(
    analyst: Browser, name: str, value: str, label: str
) -> None:
    answer = analyst.get("/assist/decisions/", {name: value})
    assert answer.status_code == 400
    assert f"<strong>{label}</strong>" in answer.content.decode()


def test_decision__whole__shows_candidates_answers_and_fingerprint(analyst: Browser) -> None:
    row = Decision.objects.order_by("at")[0]
    text = analyst.get(f"/assist/decisions/{row.pk}/").content.decode()
    for expected in ("Ann Agent", "orders something", "deposit", "Rejected (Bad moment)", row.digest, "balance"):
        assert expected in text


def test_decision__read_in_another_language__quotes_the_agents_words_and_says_the_rest_in_the_readers(
    analyst: Browser,
) -> None:
    row = Decision.objects.order_by("at")[0]
    text = analyst.get(f"/assist/decisions/{row.pk}/", headers={"Accept-Language": "fr"}).content.decode()
    assert '<q lang="en">orders something</q>' in text
    assert '<q lang="en">Balance: €8,000</q>' in text
    assert "<dd>Anglais</dd>" in text
    assert "Ce qui est entre guillemets est ce que le conseiller a lu" in text
    assert re.search(r"<th scope=\"row\">Deposit FR<br><code>deposit</code></th>", text)
    assert re.search(r">100,00 EUR</td>", text)
    assert re.search(r"<dt>Balance <code>balance</code></dt><dd>8.000.€</dd>", text)
    assert not re.search(r">0\.\d{4}<", text)


@pytest.mark.parametrize(("language", "mark"), [("en", "can change"), ("fr", "peut évoluer")])
def test_decision__reason_that_can_change__is_marked_beside_the_agents_words(
    analyst: Browser, language: str, mark: str
) -> None:
    address = f"/assist/decisions/{Decision.objects.order_by('at')[0].pk}/"
    text = analyst.get(address, headers={"Accept-Language": language}).content.decode()
    score = re.search(
        r'<td><q lang="en">Balance: €8,000</q> <span class="ca-soft" title="[^"]+">\(([^<]+)\)</span>', text
    )
    assert score is not None
    assert score[1] == mark
    assert len(re.findall(rf"\(\+[\d.,]+, <span title=[^>]+>{mark}</span>\)", text)) == 2  # one of each product


@pytest.mark.parametrize("declared", [False, None])
def test_decision__declared_otherwise_today__is_told_as_today(analyst: Browser, declared: bool | None) -> None:
    address = f"/assist/decisions/{Decision.objects.order_by('at')[0].pk}/"
    with declaring(changeable=declared):
        text = analyst.get(address).content.decode()
    assert '<td><q lang="en">Balance: €8,000</q></td>' in text
    assert "can change" not in text


def test_decision__verdict_that_names_a_day__says_the_code_and_quotes_the_day(analyst: Browser) -> None:
    row = Decision.objects.order_by("at")[1]
    text = analyst.get(f"/assist/decisions/{row.pk}/").content.decode()
    assert re.search(r'Rejected not long ago\. <q lang="en">Declined on [^<]+</q>', text)


def test_decision__codes_of_the_row__are_told_in_words(analyst: Browser) -> None:
    row = Decision.objects.order_by("at")[0]
    assert (row.admission, row.fallback) == ("default", "live")
    text = analyst.get(f"/assist/decisions/{row.pk}/").content.decode()
    assert "by the phase of all other teams" in text
    assert "computed at that moment" in text


def test_decision__silent__says_why_each_product_was_left_out(analyst: Browser) -> None:
    row = Decision.objects.order_by("-at")[0]
    text = analyst.get(f"/assist/decisions/{row.pk}/").content.decode()
    assert text.count("This customer does not wish to receive suggestions.") >= 3


def test_replay__button__says_that_it_is_the_same(analyst: Browser) -> None:
    row = Decision.objects.order_by("at")[0]
    answer = analyst.post(f"/assist/decisions/{row.pk}/replay/")
    assert answer.status_code == 302
    assert "Replayed: the same result, number for number." in analyst.get(answer["Location"]).content.decode()


def test_replay__its_own_address_opened__leads_to_the_decision(analyst: Browser) -> None:
    row = Decision.objects.order_by("at")[0]
    answer = analyst.get(f"/assist/decisions/{row.pk}/replay/")
    assert (answer.status_code, answer["Location"]) == (302, f"/assist/decisions/{row.pk}/")


def test_decision__erased__keeps_the_frame(analyst: Browser, rose: Client) -> None:
    row = Decision.objects.order_by("at")[0]
    flow.customer_erased(LABEL, key=str(rose.pk))
    for answer in (
        analyst.get(f"/assist/decisions/{row.pk}/"),
        analyst.post(f"/assist/decisions/{row.pk}/replay/", follow=True),
    ):
        text = answer.content.decode()
        assert "The data of this decision was erased." in text
        assert row.digest in text
        assert "Ann Agent" not in text


def test_decision__unknown__is_404(analyst: Browser) -> None:
    assert analyst.get(f"/assist/decisions/{uuid4()}/").status_code == 404
    assert analyst.post(f"/assist/decisions/{uuid4()}/replay/").status_code == 404


def test_log__without_the_permission__is_closed(analyst: Browser, agent: User) -> None:
    browser, row = signed_in(agent), Decision.objects.order_by("at")[0]
    assert browser.get("/assist/decisions/").status_code == 403
    assert browser.get(f"/assist/decisions/{row.pk}/").status_code == 403
    assert browser.post(f"/assist/decisions/{row.pk}/replay/").status_code == 403
    assert browser.get("/assist/decisions/export/").status_code == 403
    reader = signed_in(person("reader", "view_log"))
    assert reader.get("/assist/decisions/export/").status_code == 403
    assert "Download" not in reader.get("/assist/decisions/").content.decode()


def test_export__csv_and_json_lines__hold_the_filtered_rows(analyst: Browser) -> None:
    table = analyst.get("/assist/decisions/export/", {"format": "csv", "product": "deposit"})
    assert "attachment" in table["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(b"".join(table.streaming_content).decode())))
    assert len(rows) == 1
    lines = analyst.get("/assist/decisions/export/", {"format": "jsonl"})
    assert len([json.loads(line) for line in b"".join(lines.streaming_content).decode().splitlines()]) == 3


def test_export__more_rows_than_allowed__is_told_before_any_line(analyst: Browser, settings: Any) -> None:
    settings.CRM_ASSIST = {"EXPORT_ROWS": 2}
    answer = analyst.get("/assist/decisions/export/")
    assert answer.status_code == 400
    assert "choose a shorter time" in answer.content.decode()


def test_export__unknown_format__is_400(analyst: Browser) -> None:
    assert analyst.get("/assist/decisions/export/", {"format": "xls"}).status_code == 400


def test_decisions__of_one_agent__without_the_right__are_refused_and_not_offered(analyst: Browser, agent: User) -> None:
    reader = signed_in(person("reader", "view_log"))
    text = reader.get("/assist/decisions/").content.decode()
    assert 'name="agent"' not in text
    assert "?agent=" not in text
    assert reader.get("/assist/decisions/", {"agent": str(agent.pk)}).status_code == 403
    assert reader.get("/assist/decisions/", {"agent": "Ann"}).status_code == 403


def test_decisions__of_one_agent__say_who_reviewed_them(analyst: Browser, agent: User) -> None:
    text = analyst.get("/assist/decisions/", {"agent": str(agent.pk)}).content.decode()
    assert "Who reviewed this agent" in text
    assert "Who reviewed this agent" not in analyst.get("/assist/decisions/").content.decode()
