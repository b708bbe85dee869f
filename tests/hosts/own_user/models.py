"""A host with its own user model, in which the customers are users too."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class PeopleManager(BaseUserManager["Human"]):
    """Makes people."""

    def create_user(self, email: str, **values: object) -> Human:
        human = self.model(email=email, **values)
        human.set_unusable_password()
        human.save()
        return human


class Human(AbstractBaseUser):
    """Staff and customers in one table, known by e-mail, with UUID keys and neither groups nor permissions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    balance = models.FloatField(default=0)

    USERNAME_FIELD = "email"
    objects = PeopleManager()

    def __str__(self) -> str:
        return self.email


class Purchase(models.Model):
    """What a customer bought."""

    human = models.ForeignKey(Human, on_delete=models.CASCADE, related_name="purchases")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)
