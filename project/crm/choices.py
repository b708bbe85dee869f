"""The closed lists of the bank's records, with the words that people read."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Segment(models.TextChoices):
    """How the bank groups its customers."""

    YOUNG = "YOUNG", _("Young adult")
    EVERYDAY = "EVERYDAY", _("Everyday")
    COMFORT = "COMFORT", _("Comfort")
    PRIVATE = "PRIVATE", _("Private banking")
    PROFESSIONAL = "PROFESSIONAL", _("Professional")


class Household(models.TextChoices):
    """Who lives with the customer."""

    SINGLE = "SINGLE", _("Lives alone")
    COUPLE = "COUPLE", _("Couple without children at home")
    FAMILY = "FAMILY", _("Family")


class Housing(models.TextChoices):
    """How the customer lives."""

    OWNER = "OWNER", _("Owner")
    TENANT = "TENANT", _("Tenant")
    HOSTED = "HOSTED", _("Lives with others")


class Channel(models.TextChoices):
    """Where bank and customer meet."""

    BRANCH = "BRANCH", _("Branch")
    PHONE = "PHONE", _("Telephone")
    EMAIL = "EMAIL", _("E-mail")
    APP = "APP", _("App")


class Direction(models.TextChoices):
    """Who began the contact."""

    IN = "IN", _("from the customer")
    OUT = "OUT", _("from the bank")


class Topic(models.TextChoices):
    """What a contact was about."""

    ACCOUNT = "ACCOUNT", _("Account")
    CARD = "CARD", _("Card")
    FEES = "FEES", _("Fees")
    ADVICE = "ADVICE", _("Advice")
    QUESTION = "QUESTION", _("Question about a product")
    OFFER = "OFFER", _("Product presented")
    COMPLAINT = "COMPLAINT", _("Complaint")


class CaseKind(models.TextChoices):
    """Situations that ask for special care."""

    COMPLAINT = "COMPLAINT", _("Complaint")
    BEREAVEMENT = "BEREAVEMENT", _("Bereavement")
    FRAUD = "FRAUD", _("Fraud")
    VULNERABLE = "VULNERABLE", _("Vulnerable customer")


class ConsentSource(models.TextChoices):
    """Where the customer's consent comes from."""

    BRANCH_FORM = "BRANCH_FORM", _("form signed in the branch")
    ONLINE_ACCOUNT = "ONLINE_ACCOUNT", _("online account")
    PHONE_CALL = "PHONE_CALL", _("recorded telephone call")
