"""Customers as wide as the public bank data: ten categories, ten numbers, about 170 bytes; and their contacts."""

from __future__ import annotations

from django.db import models


class Customer(models.Model):
    """One customer of the bank."""

    job = models.CharField(max_length=20, null=True)
    marital = models.CharField(max_length=20, null=True)
    education = models.CharField(max_length=20, null=True)
    in_default = models.CharField(max_length=20, null=True)
    housing = models.CharField(max_length=20, null=True)
    loan = models.CharField(max_length=20, null=True)
    contact = models.CharField(max_length=20, null=True)
    month = models.CharField(max_length=20, null=True)
    day = models.CharField(max_length=20, null=True)
    poutcome = models.CharField(max_length=20, null=True)
    age = models.FloatField(null=True)
    campaign = models.FloatField(null=True)
    pdays = models.FloatField(null=True)
    previous = models.FloatField(null=True)
    rate = models.FloatField(null=True)
    prices = models.FloatField(null=True)
    confidence = models.FloatField(null=True)
    euribor = models.FloatField(null=True)
    employed = models.FloatField(null=True)
    balance = models.FloatField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class Contact(models.Model):
    """Something that happened with a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    at = models.DateTimeField()
    channel = models.CharField(max_length=20)
    minutes = models.FloatField()

    def __str__(self) -> str:
        return f"{self.channel} {self.at}"
