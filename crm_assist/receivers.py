"""What happens in the host and in our own tables, handed on: one call each, and never a failure for the host."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db.models.signals import post_delete, post_migrate, post_save, pre_migrate
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.conf import settings
from crm_assist.customers import detection
from crm_assist.journal.guards import install_after_migrate
from crm_assist.journal.rebuild import abandon_before_migrate
from crm_assist.learning.models import Target
from crm_assist.recommending.models import Product
from crm_assist.rollout.moves import bump_revision
from crm_assist.scorecards.models import CardVersion

PUBLISHED = (CardVersion, Product, Target)
"""What every process keeps in memory until the revision moves."""


def connect() -> None:
    """Listen to the host's customers and to our own tables; called once, when every adapter is known."""
    extra = settings.EXTRA_SENDERS
    # A value of another type is for the system checks to report; start-up must get as far as them.
    detection.connect(extra if isinstance(extra, tuple | list) else ())
    customers.changed.connect(on_changed, dispatch_uid="crm_assist:changed")
    customers.gone.connect(on_gone, dispatch_uid="crm_assist:gone")
    customers.merged.connect(on_merged, dispatch_uid="crm_assist:merged")
    customers.erased.connect(on_erased, dispatch_uid="crm_assist:erased")
    for model in PUBLISHED:
        for signal in (post_save, post_delete):
            signal.connect(on_published, sender=model, dispatch_uid=f"crm_assist:published:{model.__name__}")
    ours = apps.get_app_config("crm_assist")
    pre_migrate.connect(abandon_before_migrate, sender=ours, dispatch_uid="crm_assist:copies")
    post_migrate.connect(install_after_migrate, sender=ours, dispatch_uid="crm_assist:guards")


def on_changed(*, model_label: str, keys: Collection[str], **kwargs: Any) -> None:
    """Customers were saved, or came back from the trash: their stored scores follow."""
    customers.mark_back(model_label=model_label, keys=keys)
    flow.customer_changed(model_label, keys)


def on_gone(*, model_label: str, keys: Collection[str], **kwargs: Any) -> None:
    """Customers were deleted or put into the trash: they are no longer scored."""
    flow.customers_gone(model_label, keys=sorted(keys))


def on_merged(*, model_label: str, from_key: str, to_key: str, tenant: str, **kwargs: Any) -> None:
    """Two customers became one: the history follows."""
    flow.customers_merged(model_label, from_key=from_key, to_key=to_key, tenant=tenant)


def on_erased(*, model_label: str, key: str, **kwargs: Any) -> None:
    """A customer is to be forgotten."""
    flow.customer_erased(model_label, key=key)


def on_published(**kwargs: Any) -> None:
    """Cards, products or targets changed: every process reads them anew."""
    bump_revision(now=timezone.now())
