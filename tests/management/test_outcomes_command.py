"""`crm_assist_outcomes`: a file is checked whole, then taken in; told again it changes nothing."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from crm_assist import events, flow
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.standing import in_force
from crm_assist.flow.outcome_import import check_outcomes
from tests.hosts.desk.models import Client
from tests.story import publish

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
HEADER = "key,product,kind,occurred_at,external_id,version\n"
Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A file with these lines."""

    def write(*lines: str) -> Path:
        path = tmp_path / "told.csv"
        path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
        return path

    return write


@pytest.fixture
def rose() -> Client:
    return Client.objects.create(name="Rose")


def run(*words: Any) -> str:
    out = StringIO()
    call_command("crm_assist_outcomes", *map(str, words), stdout=out, stderr=out)
    return out.getvalue()


def line(key: object, number: int, *, kind: str = "ordered", version: object = "") -> str:
    return f"{key},card,{kind},2026-05-01T10:00:00Z,o-{number},{version}"


def test_import__new_corrected_late_and_contradicting__are_counted(written: Written, rose: Client) -> None:
    path = written(line(rose.pk, 1, version=2), line(rose.pk, 2, version=5))
    assert "2 new, 0 corrected, 0 known" in run("import", path, "--model", LABEL, "--source", "orders")
    path = written(
        line(rose.pk, 1, version=2),
        line(rose.pk, 1, version=3, kind="cancelled"),
        line(rose.pk, 2, version=4, kind="declined"),
        line(rose.pk, 2, version=5, kind="declined"),
    )
    told = run("import", path, "--model", LABEL, "--source", "orders")
    assert "0 new, 1 corrected, 1 known already, 1 older than what is known, 1 contradict" in told
    assert "crm_assist_outcomes status" in told
    assert "0 new, 0 corrected, 4 known already" in run("import", path, "--model", LABEL, "--source", "orders")
    assert [row.kind for row in in_force()] == ["cancelled"]


def test_import__one_bad_line__is_named_and_nothing_is_written(written: Written, rose: Client) -> None:
    path = written(line(rose.pk, 1), line(rose.pk, 2, kind="bought"), line(424242, 3))
    heard: list[Any] = []
    events.listen(hear := lambda name, fields: heard.append((name, dict(fields))))
    out = StringIO()
    try:
        with pytest.raises(CommandError, match="2 of 3 lines cannot be taken; nothing was written"):
            call_command("crm_assist_outcomes", "import", str(path), "--model", LABEL, stdout=out, stderr=out)
    finally:
        events.stop_listening(hear)
    assert "line 3, kind 'bought': “bought” is not an outcome" in out.getvalue()
    assert "line 4, key '424242': There is no such customer" in out.getvalue()
    told = {"tenant": "", "source": "file", "field": "key,kind", "count": 2}
    assert heard == [("outcomes.refused", told)]
    assert not Outcome.objects.exists()


def test_import__dry_run__writes_nothing(written: Written, rose: Client) -> None:
    assert "1 lines can be taken; nothing was written" in run(
        "import", written(line(rose.pk, 1)), "--model", LABEL, "--dry-run"
    )
    assert not Outcome.objects.exists()


def test_import__interrupted_in_the_middle__goes_on_when_begun_again(written: Written, rose: Client) -> None:
    path, now = written(*(line(rose.pk, number) for number in range(1200))), timezone.now()

    def stop(told: flow.Told) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        flow.import_outcomes(path, model=LABEL, source="orders", now=now, watch=stop)
    assert Outcome.objects.count() == 500
    assert "700 new, 0 corrected, 500 known" in run("import", path, "--model", LABEL, "--source", "orders")


def test_import__customer_in_the_trash_whom_we_met__is_taken(written: Written, rose: Client) -> None:
    run("import", written(line(rose.pk, 1)), "--model", LABEL)
    Client.objects.filter(pk=rose.pk).update(is_deleted=True)
    assert "1 new" in run("import", written(line(rose.pk, 2)), "--model", LABEL)


def test_check__of_ten_times_as_many_lines__takes_no_more_memory(written: Written, rose: Client) -> None:
    def peak(lines: int) -> int:
        path = written(*(line(rose.pk, number) for number in range(lines)))
        tracemalloc.start()
        try:
            assert check_outcomes(path, model=LABEL, source="x", now=timezone.now()).good == lines
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(500)
    assert peak(10_000) < 1.5 * peak(1_000)


def test_import__model_not_said_or_wrong__names_those_there_are(written: Written) -> None:
    for words in ((), ("--model", "desk.Nobody")):
        with pytest.raises(CommandError, match=r"--model .*desk\.Client"):
            run("import", written(), *words)


def test_complete_ready_status_and_settle__tell_how_it_stands(written: Written, rose: Client) -> None:
    now = timezone.now()
    publish(LABEL, now=now - timedelta(days=300))
    assert "No outcome was told yet." in run("status")
    assert "no source said" in run("ready", "orders")
    assert "complete until" in run("complete", "orders", (now - timedelta(days=1)).isoformat())
    told = run("ready")
    assert "orders: outcomes complete until" in told
    assert "nothing was scored or suggested" in told
    run(
        "import",
        written(line(rose.pk, 1, version=1), line(rose.pk, 1, version=1, kind="declined")),
        *("--model", LABEL, "--source", "orders"),
    )
    told = run("status")
    assert "orders: 2 told, 0 outcomes stand, 2 tellings contradict; complete until" in told
    wanted = Outcome.objects.get(kind="declined")
    assert str(wanted.pk) in told
    assert "card declined" in run("settle", wanted.pk)
    assert "0 of 1 outcomes follow from a suggestion" in run("status")
    assert [row.kind for row in in_force()] == ["declined"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("complete", "orders", "2999-01-01T00:00:00Z"), "complete_until: "),
        (("complete", "orders", "soon"), "'soon' is not a moment"),
        (("ready", "yachts"), "yachts is not a target"),
        (("settle", "x"), "'x' is not an id"),
        (("settle", "01981e9c-8a45-7044-8f88-4e5f60718293"), "outcome: No open contradiction"),
    ],
)
def test_wrong_word__is_told_with_the_remedy(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*words)
