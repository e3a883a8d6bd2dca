"""JSON typed into a form: the other view of what forms ask for, for those who prefer it."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ticketflower.clean_json import LARGEST_NUMBER, JsonError, parse_json


class JsonField(forms.CharField):
    """Any JSON value; None if nothing is typed. What the value means is for the check to say."""

    empty_values = [None]

    def __init__(self, *, rows: int = 6, **options: Any) -> None:
        attrs = {"rows": rows, "spellcheck": "false", "autocapitalize": "off", "class": "tf-code"}
        super().__init__(widget=forms.Textarea(attrs=attrs), **options)

    def to_python(self, value: Any) -> Any:
        """The value that the text holds."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_json(text)
        except JsonError as error:
            raise ValidationError(str(error), code=error.code) from None

    def prepare_value(self, value: Any) -> Any:
        """The text for the box: what was typed, or the value laid out."""
        return value if value is None or isinstance(value, str) else as_text(value)


class JsonNumberField(forms.CharField):
    """A number as JSON writes it, so that whole numbers stay whole; None if nothing is typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "tf-short"}), **options
        )

    def to_python(self, value: Any) -> Any:
        """The number."""
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
    """JSON laid out for reading and typing."""
    return json.dumps(value, ensure_ascii=False, indent=2)
