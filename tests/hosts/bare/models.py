"""A host with next to nothing: no users, no sessions, no admin, no static files."""

from __future__ import annotations

from django.db import models


class Patron(models.Model):
    """A customer; the desk that serves it is all the host knows of agents."""

    code = models.CharField(max_length=20, primary_key=True)
    desk = models.CharField(max_length=20)
    balance = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.code
