"""What a host tells us of its customers, in one class per model; every default is closed for the customer.

Each question exists for one record and for a set; the set's default asks record by record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest

from crm_assist.customers import keys
from crm_assist.customers.people import names_of, request_of
from crm_assist.customers.principal import principal_from
from crm_assist.types import Consent, Principal, Situation


class DeclaredFeature(Protocol):
    """What this room needs of a feature: its name, and what to watch for changes."""

    @property
    def name(self) -> str:
        """What it is called."""

    def trace(self, model: type[Model], at: Any) -> Any:
        """An expression that stays equal as long as the host changes nothing, however time passes."""


class CustomerAdapter:
    """Subclass this in `assist.py`, say what your CRM knows, and register it for your model."""

    key_field: ClassVar[str | None] = None
    """A stable unique field that is the customer's key; None means the primary key."""

    features: ClassVar[Sequence[DeclaredFeature]] = ()
    """What may be learned from and shown, declared with `crm_assist.features`."""

    main_target: ClassVar[str] = ""
    """The name of the target whose score stands on the record; empty: the one marked as main."""

    ignored_updates: ClassVar[frozenset[str]] = frozenset({"last_login"})
    """Saving these fields alone changes nothing for us."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.model_label}>"

    @property
    def model_label(self) -> str:
        """The model as `app.Model`: how customers of this kind are named everywhere."""
        return self.model._meta.label

    # Keys

    @property
    def key_path(self) -> str:
        """What to filter the host's customers by: `pk` or the stable field."""
        return self.key_field or "pk"

    def field(self) -> Field[Any, Any]:
        """The field that holds the key."""
        return keys.key_field_of(self.model, self.key_field)

    def key(self, obj: Any) -> str:
        """The text that stands for this customer in our tables and addresses."""
        return self.key_text(getattr(obj, self.key_path))

    def key_text(self, value: Any) -> str:
        """The text of a raw key value, such as a primary key."""
        return keys.text_of(self.field(), value)

    def parse_key(self, text: str) -> Any:
        """The value behind a key's text, or `keys.BadKey`."""
        return keys.value_of(self.field(), text)

    # Who may see whom

    def principal(self, request: HttpRequest) -> Principal:
        """Who asks; override it where the person, the tenant or the teams are not on `request.user`."""
        return principal_from(request)

    def queryset(self) -> QuerySet[Any]:
        """The customers that exist for us: leave out trash, staff, samples and history copies."""
        return self.model._default_manager.all()

    def visible(self, principal: Principal, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The customers this person may see: none, until you say so. Superusers see all."""
        return queryset.none()

    # One record

    def consent(self, obj: Any) -> Consent:
        """What the customer said about machine help; unknown by default, so that nothing is suggested."""
        return Consent()

    def holdings(self, obj: Any) -> frozenset[str]:
        """The codes of the products the customer has; none by default, so declare it or offers may repeat."""
        return frozenset()

    def situations(self, obj: Any) -> tuple[Situation, ...]:
        """What is going on in the customer's life, each with its zone; nothing by default."""
        return ()

    def team(self, obj: Any) -> str:
        """The team that looks after the customer; empty by default."""
        return ""

    def tenant(self, obj: Any) -> str:
        """The tenant whose customer this is; empty where there is only one."""
        return ""

    def is_live(self, obj: Any) -> bool:
        """Whether scores and suggestions make sense at all: not closed, not deceased."""
        return True

    def label(self, obj: Any) -> str:
        """How people call the customer on a page."""
        return str(obj)

    def url(self, obj: Any) -> str:
        """Where the customer's page is in the host, or nothing."""
        return str(obj.get_absolute_url()) if hasattr(obj, "get_absolute_url") else ""

    # A set of records, by key

    def consents(self, objs: Iterable[Any]) -> Mapping[str, Consent]:
        """`consent` of each."""
        return {self.key(obj): self.consent(obj) for obj in objs}

    def holdings_of(self, objs: Iterable[Any]) -> Mapping[str, frozenset[str]]:
        """`holdings` of each."""
        return {self.key(obj): self.holdings(obj) for obj in objs}

    def situations_of(self, objs: Iterable[Any]) -> Mapping[str, tuple[Situation, ...]]:
        """`situations` of each."""
        return {self.key(obj): self.situations(obj) for obj in objs}

    def teams(self, objs: Iterable[Any]) -> Mapping[str, str]:
        """`team` of each."""
        return {self.key(obj): self.team(obj) for obj in objs}

    def tenants(self, objs: Iterable[Any]) -> Mapping[str, str]:
        """`tenant` of each."""
        return {self.key(obj): self.tenant(obj) for obj in objs}

    def are_live(self, objs: Iterable[Any]) -> Mapping[str, bool]:
        """`is_live` of each."""
        return {self.key(obj): self.is_live(obj) for obj in objs}

    def labels(self, objs: Iterable[Any]) -> Mapping[str, str]:
        """`label` of each."""
        return {self.key(obj): self.label(obj) for obj in objs}

    def urls(self, objs: Iterable[Any]) -> Mapping[str, str]:
        """`url` of each."""
        return {self.key(obj): self.url(obj) for obj in objs}

    # Tenants and teams

    def all_tenants(self) -> Iterable[str]:
        """Every tenant, for batches; the one nameless tenant by default."""
        return ("",)

    def all_teams(self, tenant: str) -> Iterable[str]:
        """Every team of a tenant, for the administrator's page; none by default: only teams that were moved appear."""
        return ()

    # People, for the administrator's pages

    def agents(self, tenant: str, team: str) -> QuerySet[Any] | None:
        """The users of a team; None by default: then agents are found by name, and their teams told beside."""
        return None

    def agent(self, user: Any) -> Principal:
        """Who a user is when they ask, without a request of theirs; by default as `principal` answers for them."""
        return self.principal(request_of(user))

    def agent_names(self, keys: Collection[str]) -> Mapping[str, str]:
        """Names for the keys of principals, for pages and their history; by default those of the user model."""
        return names_of(keys)

    def tenant_filter(self, tenant: str) -> Q:
        """The rows of one tenant, for lists and batches; all of them where there is only one."""
        return Q()

    def existed(self, at: datetime) -> Q:
        """The rows that were customers at a past moment; all of them until you say so.

        Cards learn from past moments: without it also from people who became customers later, and who bought nothing
        because they were none.
        """
        return Q()

    def silent_filter(self) -> Q:
        """The rows for which the machine keeps silent: not live, or in the traditional zone; none until you say so.

        `situations` and `is_live` keep their scores out of lists; this keeps them out of a list's order too, which
        would tell of a score by its place. Say it by the row's own columns or by `Exists`, not across a many-relation.
        """
        return Q(pk__in=())

    def tenant_context(self, tenant: str) -> AbstractContextManager[Any]:
        """What must be set while background work touches one tenant's rows, such as a session variable."""
        return nullcontext()
