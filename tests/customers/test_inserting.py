"""Rows by one prepared statement, those that are there already treated as asked."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from crm_assist.customers.inserting import DO_NOTHING, insert_all
from crm_assist.customers.models import Subject

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SOME = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def subject(key: str, **more: object) -> Subject:
    return Subject(model_label="desk.Client", key=key, created_at=NOW, **more)


def test_insert_all__values_of_every_kind__come_back_as_they_were() -> None:
    insert_all([subject("a", key_uuid=SOME), subject("7", key_int=7, tenant="one")])
    found = Subject.objects.order_by("key").values_list("key", "key_int", "key_uuid", "tenant", "created_at")
    assert list(found) == [("7", 7, None, "one", NOW), ("a", None, SOME, "", NOW)]


def test_insert_all__one_is_there_already__stays_as_it_is_if_asked() -> None:
    insert_all([subject("a", seen_hash="first")])
    insert_all([subject("a", seen_hash="second"), subject("b")], on_conflict=DO_NOTHING)
    assert dict(Subject.objects.values_list("key", "seen_hash")) == {"a": "first", "b": ""}


def test_insert_all__one_is_there_already_and_nothing_asked__writes_none() -> None:
    insert_all([subject("a")])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all([subject("b"), subject("a")])
    assert Subject.objects.count() == 1


def test_insert_all__nothing__does_nothing() -> None:
    insert_all([])
    assert not Subject.objects.exists()
