"""Form fields for JSON values, for users who prefer JSON to form controls."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ticketflower.clean_json import LARGEST_NUMBER, JsonError, parse_json


class JsonField(forms.CharField):
    """Any JSON value, or None if the text is empty. The check of the draft decides what it means."""

    # Django's default also treats "", [] and {} as empty, but these are JSON values.
    empty_values = [None]

    def __init__(self, *, rows: int = 6, **options: Any) -> None:
        attrs = {"rows": rows, "spellcheck": "false", "autocapitalize": "off", "class": "tf-code"}
        super().__init__(widget=forms.Textarea(attrs=attrs), **options)

    def to_python(self, value: Any) -> Any:
        """Return the value in the JSON text."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_json(text)
        except JsonError as error:
            raise ValidationError(str(error), code=error.code) from None

    def prepare_value(self, value: Any) -> Any:
        """Return the text for the textarea: the submitted text, or the value formatted."""
        return value if value is None or isinstance(value, str) else as_text(value)


class JsonNumberField(forms.CharField):
    """A number in JSON syntax, so that integers stay integers; None if the text is empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "tf-short"}), **options
        )

    def to_python(self, value: Any) -> Any:
        """Return the number."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            number = parse_json(text)
        except JsonError as error:
            number = error
        if isinstance(number, bool) or not isinstance(number, int | float):
            message = _("Enter a number up to %(largest)s, such as 5 or 2.5.")
            raise ValidationError(message, params={"largest": f"{LARGEST_NUMBER:,}"}, code="invalid")
        return number


def as_text(value: Any) -> str:
    """Return JSON formatted for reading and editing."""
    return json.dumps(value, ensure_ascii=False, indent=2)
