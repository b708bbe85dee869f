"""A host with whole-number keys, an owner per customer, trash, contacts, orders and tags."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Client(models.Model):
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    branch = models.CharField(max_length=40, default="north")
    birth_date = models.DateField(null=True, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    balance = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    segment = models.CharField(max_length=20, blank=True, default="")
    is_vip = models.BooleanField(null=True)
    notice = models.DurationField(null=True, blank=True)
    consent = models.CharField(max_length=10, default="granted")
    bereaved = models.BooleanField(default=False)
    closed = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False)
    last_login = models.DateTimeField(null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="clients")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/clients/{self.pk}/"


class FavouredClient(Client):
    """A proxy: saving it sends another signal than saving a client."""

    class Meta:
        proxy = True


class Contact(models.Model):
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contacts")
    at = models.DateTimeField()
    channel = models.CharField(max_length=20, default="phone")
    minutes = models.FloatField(default=0)
    cost = models.DecimalField(max_digits=8, decimal_places=2, default=0)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.channel} {self.at}"


class Order(models.Model):
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="orders")
    product = models.CharField(max_length=40)
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.product


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    amount = models.IntegerField(default=0)

    def __str__(self) -> str:
        return str(self.amount)
