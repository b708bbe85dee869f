"""The commands of a host without Celery: the same runs, with words for whoever waits."""

from __future__ import annotations

import re
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm_assist import flow
from crm_assist.flow import works
from crm_assist.management.working import Bar
from crm_assist.runs.models import Run
from crm_assist.scoring.models import LatestScore
from crm_assist.types import Step
from tests.flow.test_soundness import leaking
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


@pytest.fixture(autouse=True)
def base(settings: Any) -> list[Client]:
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "BATCH_ROWS": 3}
    open_bank(LABEL, "score")
    return list(Client.objects.bulk_create(Client(name=f"C{n}", balance=n * 900) for n in range(10)))


def said(name: str, *words: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, *words, stdout=out, stderr=out, **options)
    return out.getvalue()


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command says that Ctrl-C stopped after its first chunk."""

    def stop(self: Bar, step: Step) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Bar, "__call__", stop)
        with pytest.raises(CommandError) as caught:
            said("crm_assist_rescore", "--model", LABEL)
    assert caught.value.returncode == 130
    return str(caught.value)


def test_rescore__interrupted__says_how_to_go_on_and_the_same_command_does(stopped: str) -> None:
    assert "the same command" in stopped
    assert LatestScore.objects.count() == 3
    assert f"Scores of {LABEL}: 10 in " in said("crm_assist_rescore", "--model", LABEL)
    assert LatestScore.objects.count() == 10
    assert Run.objects.get().attempt == 2


def test_runs__resume__carries_on_what_waits(stopped: str) -> None:
    assert re.search(rf"waiting  rescore {LABEL}: 3/10, attempt 1, heart-beat never", said("crm_assist_runs"))
    text = said("crm_assist_runs", "--resume")
    assert re.search(rf"done     rescore {LABEL}: 10/10, attempt 2, heart-beat 0 s ago", text)


def test_runs__give_up__ends_it(stopped: str) -> None:
    run = Run.objects.get()
    text = said("crm_assist_runs", "--give-up", str(run.pk))
    assert re.search(rf"failed   rescore {LABEL}: 3/10.*\(Given up by command", text)
    with pytest.raises(CommandError, match="There is no run 99999"):
        said("crm_assist_runs", "--give-up", "99999")


def test_runs__nothing_yet__says_so() -> None:
    assert said("crm_assist_runs") == "Nothing was run yet.\n"


def test_rescore__while_another_process_does_it__says_so_and_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    [run_id] = flow.ask_runs("rescore", about=LABEL, now=NOW)
    flow.carry_on(run_id, watch=lambda step: texts.append(said("crm_assist_rescore", "--model", LABEL)))
    assert texts[0] == f"Scores of {LABEL}: Somebody works on this run now. 3 of 10 done.\n"
    assert Run.objects.count() == 1


def test_sweep__one_model_or_all__tells_what_it_found() -> None:
    assert f"Sweep of {LABEL}: 10 changed, 0 gone" in said("crm_assist_sweep", "--model", LABEL)
    assert f"Sweep of {LABEL}: 0 changed, 0 gone" in said("crm_assist_sweep")


@pytest.mark.parametrize("name", ["crm_assist_rescore", "crm_assist_sweep"])
def test_model_that_is_not_registered__is_named(name: str) -> None:
    with pytest.raises(CommandError, match=re.escape("desk.Nobody")):
        said(name, "--model", "desk.Nobody")


def test_fit__target_without_a_past__is_named_and_the_others_are_tried() -> None:
    with pytest.raises(CommandError, match="Not fitted: orders, wants_card"):
        said("crm_assist_fit", "orders", "wants_card")
    assert {(run.about, run.state, bool(run.fault)) for run in Run.objects.all()} == {
        ("orders", "failed", True),
        ("wants_card", "failed", True),
    }


def test_fit__without_the_extra__names_the_target_and_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    told = StringIO()
    with pytest.raises(CommandError, match="Not fitted: orders"):
        call_command("crm_assist_fit", "orders", stderr=told)
    assert "Card of orders: fitting a scorecard needs sklearn: pip install" in told.getvalue()


def test_retain__nothing_set__says_that_all_is_kept(settings: Any) -> None:
    assert "every payload is kept" in said("crm_assist_retain")
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "RETENTION_DAYS": 30}
    assert "Retention: 0 in " in said("crm_assist_retain")


def test_fit__accepting_without_a_reason__is_refused_before_anything_is_read() -> None:
    for text in ("leak:balance", "leak:balance=", "=why"):
        with pytest.raises(CommandError, match="gives no reason; write FINDING=WHY"):
            said("crm_assist_fit", "orders", "--accept", text)
    assert not Run.objects.exists()


def test_fit__leak__is_named_refused_and_published_once_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(works, "past_rows", lambda *args, **given: leaking())
    told = StringIO()
    with pytest.raises(CommandError, match="Not fitted: orders"):
        call_command("crm_assist_fit", "orders", stderr=told)
    assert "[leak:balance] “balance” looks known only after the outcome" in told.getvalue()
    out = said(
        "crm_assist_fit", "orders", "--accept", "leak:balance=read the evening before", "--in-force", "asked for"
    )
    assert "version 2: put in force by decision; found in its data: leak:balance" in out
    assert "Accepted: read the evening before" in out
    assert "; version 3 waits; found in its data" in said("crm_assist_fit", "orders")
