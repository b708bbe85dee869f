"""Phases, products and cards over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from crm_assist.flow.card_roles import publish_card
from crm_assist.flow.comparison import Comparison
from crm_assist.learning.findings import Finding
from crm_assist.learning.models import Target
from crm_assist.recommending.models import Product
from crm_assist.rollout.models import Control, PhaseChange, TeamPhase
from crm_assist.scorecards.models import CardVersion
from tests.api.conftest import ROOT, Program
from tests.desk_bank import Bank, person
from tests.story import fitted

PRODUCT: dict[str, Any] = {
    "code": "loan",
    "target": "orders",
    "value": "12.50",
    "texts": {"en": {"name": "Loan", "benefit": "Cheap"}},
}


@pytest.fixture
def boss(bank: Bank) -> Program:
    """A program with every right of governing."""
    bank("score")
    return Program(person("boss", "change_phase", "change_product_catalogue", "publish_card"))


def test_move__is_told_and_in_force(boss: Program) -> None:
    body = {"team": "north", "phase": "recommend", "percent": 50, "reason": "It works"}
    moved = boss.send("phases/move/", body).json()
    assert (moved["after"], moved["percent"], moved["reason"]) == ("recommend", 50, "It works")
    ladder = boss.get("phases/").json()
    assert {one["team"]: one["phase"] for one in ladder["teams"]}["north"] == "recommend"
    assert ladder["moves"][0] == moved


def test_move__outside_on_a_higher_phase__is_422_and_changes_nothing(boss: Program) -> None:
    body = {"team": "north", "phase": "score", "outside": "recommend", "reason": "No"}
    assert boss.send("phases/move/", body).status_code == 422
    assert not TeamPhase.objects.filter(team="north").exists()


def test_kill_and_restore__silence_and_end_it(boss: Program) -> None:
    boss.send("phases/kill/", {"reason": "Wrong data"})
    assert boss.get("phases/").json()["killed"] is True
    boss.send("phases/restore/", {"reason": "Right again"})
    assert boss.get("phases/").json()["killed"] is False
    assert not Control.objects.filter(killed=True).exists()
    assert PhaseChange.objects.filter(after__in=["killed", "running"]).count() == 2


def test_products__put__creates_changes_and_tells_how_many(boss: Program) -> None:
    assert boss.send("products/", {"products": [PRODUCT]}, method="PUT").json() == {"changed": 1}
    assert boss.send("products/", {"products": [PRODUCT]}, method="PUT").json() == {"changed": 0}
    changed = {**PRODUCT, "value": "13.00"}
    assert boss.send("products/", {"products": [changed]}, method="PUT").json() == {"changed": 1}
    told = {one["code"]: one for one in boss.get("products/").json()["products"]}
    assert (told["loan"]["value"], told["loan"]["version"]) == ("13.00", 2)


@pytest.mark.parametrize(
    ("odd", "field"),
    [
        ({"code": "LOAN"}, "code"),
        ({"value": "-1"}, "value"),
        ({"value": 12.5}, "value"),
        ({"texts": {}}, "texts"),
        ({"texts": {"en": {"name": "Loan"}}}, "texts"),
        ({"texts": {"en": {"name": " ", "benefit": "x"}}}, "texts"),
        ({"texts": {"en": {"name": "Loan", "benefit": "x", "image": "y"}}}, "texts"),
        ({"tenant": "other"}, "tenant"),
        ({"valid_from": "tomorrow"}, "valid_from"),
        ({"regulated": "no"}, "regulated"),
    ],
)
def test_products__odd__are_400_and_none_is_saved(boss: Program, odd: dict[str, Any], field: str) -> None:
    good = {**PRODUCT, "code": "good"}
    answer = boss.send("products/", {"products": [good, {**PRODUCT, **odd}]}, method="PUT")
    assert (answer.status_code, answer.json()["field"]) == (400, f"products[1].{field}")
    assert not Product.objects.filter(code="good").exists()


def test_card__published_again_and_reverted__is_champion_each_time(boss: Program) -> None:
    first = CardVersion.objects.get(target="orders")
    document = boss.get(f"cards/{first.pk}/").json()["card"]
    published = boss.send("cards/publish/", {"target": "orders", "reason": "Again", "card": document})
    assert published.status_code == 201
    assert (published.json()["version"], published.json()["role"]) == (2, "champion")
    reverted = boss.send(f"cards/{first.pk}/revert/", {"reason": "Back"}).json()
    assert (reverted["version"], reverted["digest"]) == (3, first.digest)
    champions = boss.get("cards/", target="orders", role="champion").json()["cards"]
    assert [one["version"] for one in champions] == [3]


def test_card__challenger__is_promoted_once(boss: Program) -> None:
    told: dict[str, Any] = {"by": "night", "reason": "weekly", "now": timezone.now()}
    alike = Comparison(code="alike", champion=1)
    waiting = publish_card(Target.objects.get(name="orders"), fitted("minutes_90d"), **told, comparison=alike)
    assert boss.get("cards/", target="orders", role="challenger").json()["cards"][0]["id"] == waiting.pk
    promoted = boss.send(f"cards/{waiting.pk}/promote/", {"reason": "Better here"})
    assert (promoted.status_code, promoted.json()["role"], promoted.json()["version"]) == (200, "champion", 2)
    again = boss.send(f"cards/{waiting.pk}/promote/", {"reason": "Better here"})
    assert (again.status_code, again.json()["field"]) == (422, "card")


def test_card__one_whole__tells_what_was_found_in_its_data_and_how_it_did(boss: Program) -> None:
    leak = Finding(code="too_good", severity="blocks", evidence={"auc": 0.97, "bound": 0.95})
    worse = Comparison(code="worse", champion=1, gain=-0.0123, error=0.004, blocks=8, rows=4950)
    told: dict[str, Any] = {"findings": [leak], "accepted": {"too_good": "Only renewals"}, "now": timezone.now()}
    target = Target.objects.get(name="orders")
    waiting = publish_card(target, fitted("minutes_90d"), by="night", reason="weekly", **told, comparison=worse)
    shown = boss.get(f"cards/{waiting.pk}/").json()
    [found] = shown["findings"]
    assert (found["key"], found["severity"], found["accepted"]) == ("too_good", "blocks", "Only renewals")
    assert found["evidence"] == {"auc": 0.97, "bound": 0.95}
    assert "AUC of 0.97, above 0.95" in found["words"]
    comparison = shown["comparison"]
    assert (comparison["verdict"], comparison["code"], comparison["champion"]) == ("fail", "worse", 1)
    assert (comparison["gain"], comparison["error"], comparison["blocks"]) == (-0.0123, 0.004, 8)
    assert "worse than version 1 on 4,950 rows" in comparison["words"]
    french = boss.browser.get(f"{ROOT}/cards/{waiting.pk}/", headers={"accept-language": "fr"}).json()
    assert "moins bonne que la version 1" in french["comparison"]["words"]
    first = boss.get(f"cards/{CardVersion.objects.get(target='orders', version=1).pk}/").json()
    assert (first["findings"], first["comparison"]) == ([], None)


def test_card__findings_and_comparison__are_for_those_who_may_read_cards(boss: Program) -> None:
    card = CardVersion.objects.get(target="orders")
    assert Program(person("eve", "change_phase")).get(f"cards/{card.pk}/").status_code == 403
    assert Program(person("vera", "view_log")).get(f"cards/{card.pk}/").status_code == 200


def test_card__with_altered_points__is_422_and_nothing_is_published(boss: Program) -> None:
    document = boss.get(f"cards/{CardVersion.objects.get(target='orders').pk}/").json()["card"]
    altered = {**document, "intercept": document["intercept"] + 1}
    answer = boss.send("cards/publish/", {"target": "orders", "reason": "Better", "card": altered})
    assert (answer.status_code, answer.json()["field"]) == (422, "card")
    assert CardVersion.objects.filter(target="orders").count() == 1


def test_cards__pages__are_all_of_them_once(boss: Program) -> None:
    first = boss.get("cards/", size=2).json()
    second = boss.get("cards/", size=2, before=first["next"]).json()
    assert [one["id"] for one in first["cards"] + second["cards"]] == sorted(
        CardVersion.objects.values_list("pk", flat=True), reverse=True
    )
    assert second["next"] is None


def test_cards__of_nobody__are_404(boss: Program) -> None:
    assert boss.get("cards/999999999999999999/").status_code == 404
    assert boss.get("cards/99999999999999999999999/").status_code == 404
