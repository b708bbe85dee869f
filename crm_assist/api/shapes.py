"""Shapes of what is asked and answered: strict ones refuse by name what they do not know."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.serializers import ListSerializer, Serializer, ValidationError
from rest_framework.settings import api_settings


class Shape(Serializer[Any]):
    """What is given out; unlike the framework's own it reads values of any kind, in every renderer alike."""

    from_address = False


Kind = TypeVar("Kind", bound=Shape)


@cache
def shape_of(kind: type[Kind]) -> Kind:
    """The one instance of a shape that shows every value and checks every address: its fields are made once.

    For `to_representation` and `run_validation`, which keep nothing in it. Not for shapes whose fields read a setting.
    """
    return kind()


class Strict(Shape):
    """What is taken in: an object with these members and no other."""

    def to_internal_value(self, data: Any) -> Any:
        """The values by name, or a fault by name."""
        if not isinstance(data, Mapping):
            raise ValidationError({api_settings.NON_FIELD_ERRORS_KEY: [_("This must be a JSON object.")]})
        known = ", ".join(self.fields) or _("none")
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            message = _("This field is not known; use %(known)s.") % {"known": known}
            raise ValidationError({str(name)[:40]: [message] for name in unknown[:10]})
        return super().to_internal_value(data)


class Query(Strict):
    """What an address may carry after the question mark."""

    from_address = True

    def to_internal_value(self, data: Any) -> Any:
        """The values by name; a name given twice is refused, since one of the two would be overlooked."""
        if isinstance(data, QueryDict):
            twice = [name for name in data if len(data.getlist(name)) > 1]
            if twice:
                raise ValidationError({str(name)[:40]: [_("This is given twice; give it once.")] for name in twice})
            own = {"model", api_settings.URL_FORMAT_OVERRIDE or "model"} - set(self.fields)
            data = {name: value for name, value in data.items() if name not in own}
        return super().to_internal_value(data)


class Bounded(ListSerializer[Any]):
    """A list of at least one and at most so many shapes."""

    def __init__(self, child: Shape, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(child=child, allow_empty=False, max_length=most, **options)
