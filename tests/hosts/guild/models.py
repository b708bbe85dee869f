"""A host with UUID keys and several tenants in one table."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Guild(models.Model):
    code = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.code


class Profile(models.Model):
    """People belong to a guild, and there may be several per user: the host's principal is not the user."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guild_profile")
    guild = models.ForeignKey(Guild, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return str(self.user)


class Member(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="members")
    name = models.CharField(max_length=80)
    fee = models.IntegerField(default=0)
    carers = models.ManyToManyField(Profile, blank=True, related_name="members")

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="visits")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)
