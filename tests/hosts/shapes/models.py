"""Customers with unusual keys: a parent link, a text, two columns, a unique field beside the key."""

from __future__ import annotations

import uuid

from django.db import models


class Entity(models.Model):
    """The parent table of everything, as some CRMs have it."""

    created = models.DateTimeField()
    note = models.CharField(max_length=80, blank=True, default="")

    def __str__(self) -> str:
        return f"entity {self.pk}"


class Person(Entity):
    """Multi-table inheritance: the key is the link to the parent."""

    name = models.CharField(max_length=80)


class Remark(models.Model):
    """A row that belongs to the parent table."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="remarks")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)


class Policy(models.Model):
    """A text key, as insurers number their policies."""

    number = models.CharField(max_length=40, primary_key=True)
    premium = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.number


class Claim(models.Model):
    """A row that belongs to a policy."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="claims")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)


class Seat(models.Model):
    """A key of two columns."""

    pk = models.CompositePrimaryKey("row", "number")
    row = models.CharField(max_length=4)
    number = models.IntegerField()
    price = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.row}{self.number}"


class Dossier(models.Model):
    """A whole-number key that changes when data move; the reference stays."""

    reference = models.UUIDField(unique=True, default=uuid.uuid4)
    title = models.CharField(max_length=80, default="")

    def __str__(self) -> str:
        return self.title


class Step(models.Model):
    """A row that points at the reference instead of the key."""

    dossier = models.ForeignKey(Dossier, to_field="reference", on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)
