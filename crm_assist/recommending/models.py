"""The product catalogue: what can be recommended, in the words of each language."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

CODE = RegexValidator(
    r"^[a-z0-9][a-z0-9_.-]{0,59}$", _("Use small letters, digits, dot, dash and underscore, at most 60.")
)
TEXTS = ("name", "benefit", "details")
Texts = dict[str, dict[str, str]]
"""A product's texts: by language, then by part."""


def validate_texts(value: Any) -> None:
    """Texts are `{"en": {"name": .., "benefit": .., "details": ..}, ..}`; name and benefit in each language given."""
    if not isinstance(value, dict) or not value:
        raise ValidationError(_('Give texts by language, such as {"en": {"name": "...", "benefit": "..."}}.'))
    for language, texts in value.items():
        if not isinstance(texts, dict) or set(texts) - set(TEXTS):
            raise ValidationError(
                _("Language %(language)s: use only name, benefit and details."), params={"language": language}
            )
        for part in ("name", "benefit"):
            if not isinstance(texts.get(part), str) or not texts[part].strip():
                raise ValidationError(
                    _("Language %(language)s: %(part)s is missing."),
                    params={"language": language, "part": part},
                )


class Product(models.Model):
    """Something that can be recommended, with its validity, its value and the target whose card predicts it."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    code = models.CharField(max_length=60, validators=[CODE])
    version = models.PositiveIntegerField(default=1)
    adapter = models.CharField(max_length=100, blank=True, default="")
    group = models.CharField(max_length=60, blank=True, default="")
    target = models.CharField(max_length=100)
    value = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=3, default="EUR")
    regulated = models.BooleanField(default=False)
    valid_from = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, blank=True)
    texts: models.JSONField[Texts, Texts] = models.JSONField(validators=[validate_texts])
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        default_permissions = ()
        permissions = [("change_product_catalogue", _("Can change the product catalogue"))]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="crm_assist_product_code"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="crm_assist_product_value"),
        ]

    def __str__(self) -> str:
        return self.text("name")

    def text(self, part: str) -> str:
        """The name, benefit or details in the language in force, else in English, else in any."""
        language = (get_language() or "en").split("-")[0]
        texts = self.texts.get(language) or self.texts.get("en") or next(iter(self.texts.values()), {})
        return str(texts.get(part, ""))
