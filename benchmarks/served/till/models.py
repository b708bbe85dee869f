"""One wide customer table."""

from __future__ import annotations

from django.db import models

NUMBERS = tuple(f"n{place}" for place in range(14))
TEXTS = tuple(f"t{place}" for place in range(4))


class Buyer(models.Model):
    """A customer with fourteen numbers, four texts and two dates, and the agent who looks after it."""

    name = models.CharField(max_length=40)
    agent = models.CharField(max_length=20, db_index=True)
    born = models.DateField()
    since = models.DateTimeField()
    locals().update({name: models.FloatField() for name in NUMBERS})
    locals().update({name: models.CharField(max_length=10) for name in TEXTS})

    def __str__(self) -> str:
        return self.name
