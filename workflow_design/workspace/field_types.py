"""The part of the field types that is for browsers: the control of each, how a value is shown, and typed.

Labels and values are plain text, which is escaped. Input is validated twice: here as far as converting
the browser's text to a value requires, and by `DataValidator` for everything else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.formats import localize, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from users.sessions import current_currency
from workflow_design.definition import field_types as types
from workflow_design.definition.fields import Field, FieldType, is_empty
from workflow_design.definition.type_families import DatedType
from workflow_design.workspace.controls import (
    ClockField,
    Control,
    DayField,
    DisplayNames,
    FilesField,
    MomentField,
    NumberField,
    Sources,
    choice_control,
    choices_control,
    line_control,
    lines_control,
    moment_as_typed,
    number_control,
    parse_decimal,
    parse_moment,
    person_control,
    yes_no_control,
)

Show = Callable[[Field, Any, DisplayNames], Any]


def as_it_is(_field: Field, value: Any, _names: DisplayNames) -> str:
    """Return the value as text."""
    return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """How browsers show the fields of one type."""

    control: Control
    show: Show = as_it_is
    """Return a value as HTML, or as text to be escaped."""
    parse: Callable[[str], Any] = str
    """Return the value that somebody typed into a condition, or None if it is none."""
    as_typed: Callable[[Any], str] = str
    """Return the text that a condition shows for a value."""
    name: Callable[[str, DisplayNames], str] | None = None
    """Return the name of what an id refers to, if values are ids."""


def form_control(field: Field, sources: Sources) -> forms.Field:
    """Return the form field for `field`; the `sources` provide the people to choose from."""
    control = PRESENTATIONS[field.type].control(field, sources)
    control.label, control.help_text, control.required = field.title, field.help_text, field.required
    control.widget.is_required = field.required
    control.error_messages["required"] = _("Please fill this in.")
    return control


def input_attributes(field: Field, text: str) -> dict[str, str]:
    """Return the attributes of an input of one line for a value of the field."""
    control = form_control(field, Sources(people=list, files=lambda _ids: {}))
    found = {name: value for name, value in control.widget.attrs.items() if name == "inputmode"}
    if isinstance(field.type, DatedType):
        try:
            control.to_python(text)
            found["type"] = control.widget.input_type
        except forms.ValidationError:
            # A date input shows an invalid text as empty, and the user could not correct it.
            pass
    return found


def in_words(field: Field, value: Any, names: DisplayNames) -> SafeString:
    """Return a value as HTML for people, or "" if it is empty."""
    return (
        SafeString("")
        if is_empty(value)
        else format_html("{}", PRESENTATIONS[field.type].show(field, value, names))
    )


# --- Texts ---------------------------------------------------------------------------


def _show_lines(_field: Field, value: Any, _names: DisplayNames) -> SafeString:
    return format_html('<div class="tf-lines-kept">{}</div>', value)


def _link(html: str) -> Show:
    def show(field: Field, value: Any, _names: DisplayNames) -> str:
        text = str(value)
        # A designer or submitter wrote the text, so only link what is surely an address.
        return format_html(html, text, text) if field.type.conforms(text) else text

    return show


def _show_telephone(_field: Field, value: Any, _names: DisplayNames) -> str:
    dialled = types.find_dialled(str(value))
    return format_html('<a href="tel:{}">{}</a>', dialled, value) if dialled else str(value)


# --- Dates and times -----------------------------------------------------------------


def _dated(
    field_class: Callable[..., forms.Field],
    widget: type[forms.DateInput | forms.TimeInput | forms.DateTimeInput],
    kind: str,
    *formats: str,
) -> Control:
    return lambda _field, _sources: field_class(
        widget=widget(attrs={"type": kind}, format=formats[0]), input_formats=formats
    )


def _show_time(field: Field, value: Any, _names: DisplayNames) -> Any:
    words = field.type.in_sentence(value)
    return format_html('<time datetime="{}">{}</time>', value, words) if words else value


# --- Numbers -------------------------------------------------------------------------


def _show_number(_field: Field, value: Any, _names: DisplayNames) -> str:
    return str(localize(value))


# --- Money ---------------------------------------------------------------------------

# Thousands marks come after one to three digits and then after every three; the decimal mark is another.
_AMOUNT: Final = re.compile(
    r"(?P<whole>-?(\d+|[1-9]\d{0,2}(?P<mark>[,. '\u2019\u00a0\u202f])\d{3}((?P=mark)\d{3})*))"
    r"((?P<point>[.,])(?P<cents>\d{1,2}))?",
    re.ASCII,
)
_MAX_DIGITS: Final = 15
"""More digits would not survive being a floating-point number."""


def parse_money(text: str) -> int | float | None:
    """Return the amount that a text means, or None if it has no meaning or more than one."""
    match = _AMOUNT.fullmatch(text)
    if match is None or (match["mark"] and match["mark"] == match["point"]):
        return None
    digits = re.sub(r"[^0-9-]", "", match["whole"])
    if len(digits.lstrip("-0")) > _MAX_DIGITS - 2:
        return None
    amount = float(f"{digits}.{match['cents'] or 0}")
    return int(amount) if amount.is_integer() else amount


def _money_as_typed(value: Any) -> str:
    # Three decimals would be read as thousands; six are refused.
    return f"{value:.2f}" if types.is_in_cents(value) else f"{value:f}"


class MoneyInput(forms.TextInput):
    """A text input behind the currency, which is unknown outside of requests."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the input, which the currency describes to screen readers, too."""
        if not (currency := current_currency()):
            return super().render(name, value, attrs, renderer)
        currency_id = f"{name}-currency"
        described_by = f"{(attrs or {}).get('aria-describedby', '')} {currency_id}".strip()
        control = super().render(name, value, {**(attrs or {}), "aria-describedby": described_by}, renderer)
        html = '<div class="input-group"><span class="input-group-text" id="{}">{}</span>{}</div>'
        return format_html(html, currency_id, currency, control)


class MoneyField(forms.CharField):
    """An amount, with whatever marks for decimals and thousands."""

    def prepare_value(self, value: Any) -> Any:
        """Return the text of a stored amount; what was typed stays as it is."""
        return _money_as_typed(value) if isinstance(value, int | float) else value

    def to_python(self, value: Any) -> Any:
        """Return the amount, or None."""
        text = super().to_python(value)
        amount = parse_money(text) if text else None
        if text and amount is None:
            raise forms.ValidationError(types.MONEY.refuse(gettext("This")))
        return amount


def _money(_field: Field, _sources: Sources) -> forms.Field:
    return MoneyField(widget=MoneyInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))


def _show_money(_field: Field, value: Any, _names: DisplayNames) -> str:
    return f"{number_format(value, 2, force_grouping=True)}\u00a0{current_currency()}".rstrip()


# --- Choices -------------------------------------------------------------------------


def _show_choices(field: Field, value: Any, _names: DisplayNames) -> str:
    return ", ".join(field.label_for(item) for item in (value if isinstance(value, list) else [value]))


# --- People and files ----------------------------------------------------------------


def _person_name(key: str, names: DisplayNames) -> str:
    return names.people.get(key) or str(_("A person who is no longer here"))


def _show_person(_field: Field, value: Any, names: DisplayNames) -> str:
    return _person_name(str(value), names)


def _file_name(key: str, names: DisplayNames) -> str:
    return names.files[key].name if key in names.files else str(_("A file that no longer exists"))


def _show_files(_field: Field, value: Any, names: DisplayNames) -> SafeString:
    ids = [str(key) for key in (value if isinstance(value, list) else [value])]
    return format_html_join(SafeString("<br>"), "{}", ((_show_file(key, names),) for key in ids))


def _show_file(key: str, names: DisplayNames) -> str:
    file = names.files.get(key)
    return (
        format_html('<a href="{}">{}</a>', file.url, file.name)
        if file and file.url
        else _file_name(key, names)
    )


def _files(*, several: bool) -> Presentation:
    return Presentation(
        control=lambda _field, _sources: FilesField(several=several), show=_show_files, name=_file_name
    )


PRESENTATIONS: Final[Mapping[FieldType, Presentation]] = {
    types.TEXT: Presentation(control=line_control(forms.TextInput)),
    types.MULTILINE: Presentation(control=lines_control, show=_show_lines),
    types.CHOICE: Presentation(control=choice_control, show=_show_choices),
    types.CHOICES: Presentation(control=choices_control, show=_show_choices),
    types.YES_NO: Presentation(
        control=yes_no_control, show=lambda _field, value, _names: _("Yes") if value else _("No")
    ),
    types.INTEGER: Presentation(
        control=number_control(forms.IntegerField, 1), show=_show_number, parse=parse_decimal
    ),
    types.NUMBER: Presentation(
        control=number_control(NumberField, "any"), show=_show_number, parse=parse_decimal
    ),
    types.MONEY: Presentation(control=_money, show=_show_money, parse=parse_money, as_typed=_money_as_typed),
    types.DATE: Presentation(control=_dated(DayField, forms.DateInput, "date", "%Y-%m-%d"), show=_show_time),
    types.TIME: Presentation(control=_dated(ClockField, forms.TimeInput, "time", "%H:%M", "%H:%M:%S")),
    types.DATE_TIME: Presentation(
        control=_dated(
            *(MomentField, forms.DateTimeInput, "datetime-local"),
            *("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"),
        ),
        show=_show_time,
        parse=parse_moment,
        as_typed=moment_as_typed,
    ),
    types.USER: Presentation(control=person_control, show=_show_person, name=_person_name),
    types.FILE: _files(several=False),
    types.FILES: _files(several=True),
    types.EMAIL: Presentation(
        control=line_control(forms.EmailInput, 254), show=_link('<a href="mailto:{}">{}</a>')
    ),
    types.TEL: Presentation(
        control=line_control(forms.TelInput, 60, autocomplete="tel"), show=_show_telephone
    ),
    types.URI: Presentation(
        control=line_control(forms.URLInput),
        show=_link('<a href="{}" rel="noopener noreferrer nofollow">{}</a>'),
    ),
}
