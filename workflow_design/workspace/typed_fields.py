"""Form fields for numbers, dates and times, which are typed as text."""

from datetime import date
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ticketflower.template_tags import icon
from users.sessions import current_currency
from workflow_design.definition.field_types import DATE
from workflow_design.definition.fields import Field
from workflow_design.workspace.controls import TextField
from workflow_design.workspace.typed import AsTyped, Read, read_day, same_text


class TypedField(TextField):
    """A text that is read as a value of `field`; what can't be read is refused and shown again."""

    def __init__(self, field: Field, read: Read, as_typed: AsTyped, **options: Any) -> None:
        super().__init__(**options)
        self._field, self._read, self._as_typed = field, read, as_typed

    def prepare_value(self, value: Any) -> Any:
        """Return the text of a stored value; what was typed stays as it is."""
        return None if value is None else self._as_typed(value, self._field)

    def to_python(self, value: Any) -> Any:
        """Return the value, or None."""
        text = super().to_python(value)
        return self._read(text, self._field) if text else None


class DayField(TypedField):
    """A day in a form that is not made of a workflow's fields; its value is a date."""

    def __init__(self, **options: Any) -> None:
        day = Field(name="", type=DATE, title="")
        super().__init__(day, _read_date, same_text, widget=DateInput("date"), **options)


def _read_date(text: str, field: Field) -> date:
    return date.fromisoformat(read_day(text, field))


def short_input(_field: Field) -> forms.Widget:
    """Return an input that is as long as what is typed."""
    return forms.TextInput(attrs={"class": "tf-short"})


def number_input(field: Field) -> forms.Widget:
    """Return the input for a number."""
    return forms.TextInput(attrs=_number_attributes(field))


def _number_attributes(field: Field) -> dict[str, str]:
    # The keys for decimals have no minus sign on some telephones.
    return {"class": "tf-short", "inputmode": "text" if (field.minimum or 0) < 0 else "decimal"}


class DateInput(forms.TextInput):
    """A text input beside a button for the browser's calendar, which `static/js/calendar.js` shows."""

    def __init__(self, kind: str) -> None:
        super().__init__(attrs={"data-calendar": kind})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the input and the button, which needs scripts and is not shown without."""
        control = super().render(name, value, attrs, renderer)
        button = '<button type="button" class="btn btn-secondary tf-calendar" aria-label="{}">{}</button>'
        html = f'<div class="input-group">{{}}{button}</div>'
        return format_html(html, control, _("Choose in a calendar"), icon("calendar"))


class MoneyInput(forms.TextInput):
    """A text input behind the currency, which is unknown outside of requests."""

    def __init__(self, field: Field) -> None:
        super().__init__(attrs=_number_attributes(field))

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the input, which the currency describes to screen readers, too."""
        if not (currency := current_currency()):
            return super().render(name, value, attrs, renderer)
        currency_id = f"{name}-currency"
        described_by = f"{(attrs or {}).get('aria-describedby', '')} {currency_id}".strip()
        control = super().render(name, value, {**(attrs or {}), "aria-describedby": described_by}, renderer)
        html = '<div class="input-group"><span class="input-group-text" id="{}">{}</span>{}</div>'
        return format_html(html, currency_id, currency, control)
