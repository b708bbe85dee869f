"""What an agent may write on a customer's record."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fixtures.products import product_names
from project.crm.choices import CaseKind, Channel, Direction, Topic
from project.crm.models import AgentProfile, Case, Contact, Customer


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A conversation that has just taken place."""

    class Meta:
        model = Contact
        fields = ["channel", "direction", "topic", "product_code", "note"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on unread
        products = sorted(product_names(get_language() or "en").items(), key=lambda entry: entry[1])
        self.fields["product_code"] = forms.ChoiceField(
            label=_("Product"), required=False, choices=[("", _("None")), *products]
        )
        for name, choices in (("channel", Channel), ("direction", Direction), ("topic", Topic)):
            self.fields[name] = forms.ChoiceField(label=self.fields[name].label, choices=choices.choices)
        self.fields["direction"].initial = Direction.IN
        self.fields["channel"].initial = Channel.PHONE

    def clean(self) -> dict[str, object]:
        """A question about a product, or a product presented, names the product."""
        cleaned = super().clean() or {}
        if cleaned.get("topic") in (Topic.QUESTION, Topic.OFFER) and not cleaned.get("product_code"):
            self.add_error("product_code", _("Choose the product that the conversation was about."))
        return cleaned


@transaction.atomic
def note_contact(*, form: ContactForm, customer: Customer, agent: AgentProfile | None, now: datetime) -> Contact:
    """Save a valid form as a contact of `customer`; a complaint opens a case unless one is open already."""
    contact: Contact = form.save(commit=False)
    contact.customer, contact.agent, contact.at = customer, agent, now
    contact.save()
    complaints = customer.cases.filter(kind=CaseKind.COMPLAINT, closed_at=None)
    if contact.topic == Topic.COMPLAINT and not complaints.exists():
        Case.objects.create(customer=customer, kind=CaseKind.COMPLAINT, opened_at=now)
    return contact


def close_case(*, case: Case, now: datetime) -> None:
    """Close an open case; a closed one keeps its day."""
    Case.objects.open().filter(pk=case.pk).update(closed_at=now)
