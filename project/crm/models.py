"""The bank's records: branches and their agents, customers, holdings, contacts, cases, orders."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from project.crm.choices import (
    CaseKind,
    Channel,
    ConsentSource,
    Direction,
    Household,
    Housing,
    Segment,
    Topic,
)
from project.crm.querysets import (
    CaseQuerySet,
    ContactQuerySet,
    CustomerQuerySet,
    HoldingQuerySet,
    OrderQuerySet,
)


class Branch(models.Model):
    """A branch; its staff are one team."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["name"]
        permissions = [("view_whole_bank", _("Can see the customers of every branch"))]

    def __str__(self) -> str:
        return self.name


class AgentProfile(models.Model):
    """Where a user works; a user without a profile works in no branch."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent_profile", verbose_name=_("user")
    )
    branch = models.ForeignKey(
        Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="staff", verbose_name=_("branch")
    )
    is_lead = models.BooleanField(_("leads the team"), default=False)
    is_demo_login = models.BooleanField(_("demo log-in"), default=False, editable=False)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()


class Customer(models.Model):
    """A customer of the bank."""

    number = models.CharField(_("customer number"), max_length=20, unique=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    birth_date = models.DateField(_("birth date"))
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    city = models.CharField(_("town"), max_length=80)
    language = models.CharField(_("language"), max_length=5, choices=[("fr", _("French")), ("en", _("English"))])
    segment = models.CharField(_("segment"), max_length=20, choices=Segment.choices)
    since = models.DateField(_("customer since"))
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="customers", verbose_name=_("branch"))
    owner = models.ForeignKey(
        AgentProfile,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="customers",
        verbose_name=_("adviser"),
    )
    balance = models.DecimalField(_("account balance"), max_digits=12, decimal_places=2)
    savings = models.DecimalField(_("savings"), max_digits=12, decimal_places=2)
    income = models.DecimalField(_("monthly income"), max_digits=10, decimal_places=2)
    household = models.CharField(_("household"), max_length=10, choices=Household.choices)
    children = models.PositiveSmallIntegerField(_("children at home"), default=0)
    housing = models.CharField(_("housing"), max_length=10, choices=Housing.choices)
    has_car = models.BooleanField(_("has a car"), default=False)
    preferred_channel = models.CharField(_("preferred channel"), max_length=10, choices=Channel.choices)
    logins_30d = models.PositiveSmallIntegerField(_("visits to the app in 30 days"), default=0)
    advice_consent = models.BooleanField(_("agrees to personal advice"), null=True, blank=True)
    consent_source = models.CharField(
        _("source of the consent"), max_length=20, choices=ConsentSource.choices, blank=True
    )
    consent_at = models.DateTimeField(_("consent of"), null=True, blank=True)
    objected_at = models.DateTimeField(_("objected to marketing on"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["last_name", "first_name", "pk"]
        indexes = [
            models.Index(fields=["last_name", "first_name", "id"], name="crm_customer_name"),
            models.Index(fields=["branch", "last_name", "first_name", "id"], name="crm_customer_branch_name"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def get_absolute_url(self) -> str:
        """The customer's page."""
        return reverse("crm:customer", args=[self.pk])

    def age_on(self, day: date) -> int:
        """Whole years on `day`."""
        birthday_to_come = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - birthday_to_come


class Holding(models.Model):
    """A product that a customer holds, or held until `closed_on`."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="holdings", verbose_name=_("customer")
    )
    product_code = models.CharField(_("product"), max_length=60)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        ordering = ["-opened_on", "-pk"]

    def __str__(self) -> str:
        return self.product_code


class Statement(models.Model):
    """The account balance at the end of a quarter: what the past looked like, which `Customer.balance` forgets."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="statements", verbose_name=_("customer")
    )
    at = models.DateTimeField(_("date"))
    balance = models.DecimalField(_("account balance"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["customer", "at"], name="crm_statement_customer_at")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


class Contact(models.Model):
    """One conversation between the bank and a customer."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("customer")
    )
    at = models.DateTimeField(_("date"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
    topic = models.CharField(_("topic"), max_length=12, choices=Topic.choices)
    product_code = models.CharField(_("product"), max_length=60, blank=True)
    agent = models.ForeignKey(
        AgentProfile,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="contacts",
        verbose_name=_("agent"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["customer", "at"], name="crm_contact_customer_at"),
            models.Index(fields=["at"], name="crm_contact_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()} {self.at:%Y-%m-%d}"


class Case(models.Model):
    """A situation that asks for special care, open while `closed_at` is empty."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="cases", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=12, choices=CaseKind.choices)
    opened_at = models.DateTimeField(_("opened on"))
    closed_at = models.DateTimeField(_("closed on"), null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-opened_at", "-pk"]

    def __str__(self) -> str:
        return self.get_kind_display()

    def is_open_at(self, moment: datetime) -> bool:
        """Whether the situation lasted at `moment`."""
        return self.opened_at <= moment and (self.closed_at is None or self.closed_at > moment)


class Order(models.Model):
    """A product that a customer ordered."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders", verbose_name=_("customer"))
    product_code = models.CharField(_("product"), max_length=60)
    at = models.DateTimeField(_("ordered on"))
    cancelled_at = models.DateTimeField(_("cancelled on"), null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at"], name="crm_order_at")]

    def __str__(self) -> str:
        return self.product_code
