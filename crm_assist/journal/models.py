"""What every log row has, the erasable payload beside it, and the seals that chain rows.

No customer's data may enter a log row itself: it belongs to the payload, which can be erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NoReturn, Self

from django.db import models
from django.db.models.expressions import Func
from django.utils.translation import gettext_lazy as _

from crm_assist.journal.ids import behind_month, lowest_of_month


class AppendOnlyError(TypeError):
    """A log row was about to be changed or deleted."""


class CurrentTransaction(Func):
    """The number of the running transaction on PostgreSQL; 0 where the database has a single writer."""

    allowed_default = True
    template = "0"
    output_field = models.BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL knows the number; rows are sealed in its order, never in that of their ids."""
        return self.as_sql(compiler, connection, template="(pg_current_xact_id()::text::bigint)", **context)


class LogQuerySet(models.QuerySet[Any]):
    """Reads of a log table; every way to change it raises."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused: rows are append-only."""
        raise AppendOnlyError(f"{self.model.__name__} rows are append-only; record a new row instead of updating.")

    def delete(self) -> NoReturn:
        """Refused: rows are append-only."""
        raise AppendOnlyError(f"{self.model.__name__} rows are append-only; erase the payload instead of deleting.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: rows are append-only."""
        self.update()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Inserts alone: what is in the log already is neither overwritten nor passed over in silence."""
        if kwargs.get("update_conflicts") or kwargs.get("ignore_conflicts"):
            raise AppendOnlyError(
                f"{self.model.__name__} rows are append-only; create them without regard to conflicts."
            )
        return super().bulk_create(objs, *args, **kwargs)

    def dated(self, since: datetime | None = None, until: datetime | None = None) -> Self:
        """The rows from a moment on, up to and without another; of a table parted by month only those months are read.

        The months are told by the ids, whole: bounds as narrow as the moments would mislead the planner on others.
        """
        found = self
        if since is not None:
            found = found.filter(at__gte=since, id__gte=lowest_of_month(since))
        if until is not None:
            found = found.filter(at__lt=until, id__lt=behind_month(until))
        return found

    def for_tenant(self, tenant: str) -> LogQuerySet:
        """The rows of one tenant, in the log's own order."""
        return self.filter(tenant=tenant).order_by("at", "id")


class AppendOnly(models.Model):
    """A row that is written once, then never changed."""

    objects = LogQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert once; a second save raises AppendOnlyError."""
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} {self.pk} is in the log already; record a new row instead.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: rows are append-only."""
        raise AppendOnlyError(f"{type(self).__name__} {self.pk} is append-only; erase its payload instead of deleting.")


class LogRow(AppendOnly):
    """One row of the log, written by `journal.writer` alone."""

    SCHEMA = 2
    """Version of the row's schema and of its payload's; raise it with every change of either.

    2: objects in payloads that come again and again are arrays. Whatever reads a payload reads both.
    """

    payload_kept: bool = True
    """Told by the writer: False when the subject had been erased before the row was written."""

    id = models.UUIDField(primary_key=True, editable=False)
    tenant = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()
    schema = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True, default="")
    tx = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        abstract = True
        ordering = ["at", "id"]
        default_permissions = ()
        indexes = [models.Index(fields=["tenant", "tx", "id"], name="%(app_label)s_%(class)s_seal")]


class Payload(models.Model):
    """What a log row is about, kept apart so that it can be erased while the row and its digest stay."""

    row_id = models.UUIDField(primary_key=True, editable=False)
    tenant = models.CharField(max_length=64, blank=True, default="")
    subject_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    body = models.TextField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.row_id)


class Seal(AppendOnly):
    """One link of a tenant's chain: the hashes of the rows settled since the link before it."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    rows = models.PositiveIntegerField()
    entries = models.TextField()
    previous = models.CharField(max_length=64, blank=True, default="")
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("log verification")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["tenant", "sequence"], name="crm_assist_seal_sequence")]

    def __str__(self) -> str:
        return f"{self.tenant}#{self.sequence}"


class DroppedMonth(LogRow):
    """A month of payloads that retention dropped for one tenant: a row of the log, so that their absence is explained.

    Its payload lists those of the month that were kept, by the ids of their rows.
    """

    month = models.CharField(max_length=7)
    payloads = models.PositiveBigIntegerField()
    kept = models.PositiveIntegerField()
    retention_days = models.PositiveIntegerField()

    class Meta(LogRow.Meta):
        indexes = [*LogRow.Meta.indexes]

    def __str__(self) -> str:
        return f"{self.month}: {self.payloads}"
