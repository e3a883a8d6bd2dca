"""Form fields that Django does not have, and where forms and pages get the names of people and files."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from ticketflower.clean_json import LARGEST_NUMBER, MAX_NUMBER_LENGTH
from workflow_design.definition.field_types import is_date_time
from workflow_design.definition.fields import Field

MAX_TEXT = 50_000
LONGEST_LINE = 2_000
MAX_RADIOS = 5
"""Up to this many choices are shown as radio buttons; more become a select."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file that a form or page names: `id` is the field's value; without a `url`, it is not linked."""

    id: str
    name: str
    url: str
    size: int


@dataclass(frozen=True, slots=True)
class Sources:
    """Functions that provide a company's data to forms: people to choose from, and files by id."""

    people: Callable[[], list[tuple[str, str]]]
    files: Callable[[Collection[str]], Mapping[str, FileInfo]]


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """Display names for ids in the data; ids of deleted people and files are missing."""

    people: Mapping[str, str]
    files: Mapping[str, FileInfo]


Control = Callable[[Field, Sources], forms.Field]
"""A function that returns the form field for a field of a workspace."""


_NUMBER: Final = re.compile(r"-?[0-9]+([.,][0-9]+)?", re.ASCII)


class LinesField(forms.CharField):
    """A text of several lines, with normalized line ends."""

    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Omit maxlength: the browser may count a line end as two, and would stop the user too early."""
        return {}

    def to_python(self, value: Any) -> Any:
        """Return the text with `\\n` as line ends."""
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class NumberField(forms.FloatField):
    """A number; whole numbers become int."""

    def to_python(self, value: Any) -> Any:
        """Return an int if the fraction is zero."""
        number = super().to_python(value)
        return int(number) if number is not None and number.is_integer() else number


class DayField(forms.DateField):
    """A date, stored as ISO text."""

    def clean(self, value: Any) -> Any:
        """Return the ISO text, or None."""
        day: date | None = super().clean(value)
        return day.isoformat() if day else None


class ClockField(forms.TimeField):
    """A time of day, stored as hours and minutes, with seconds only if they are not zero."""

    def clean(self, value: Any) -> Any:
        """Return the ISO text, or None."""
        at: time | None = super().clean(value)
        return at.isoformat("seconds" if at.second else "minutes") if at else None


class MomentField(forms.DateTimeField):
    """A moment in the user's time zone, stored as ISO text in UTC."""

    def prepare_value(self, value: Any) -> Any:
        """Return a stored moment in the user's time zone; what was typed stays as it is."""
        return moment_as_typed(value) if isinstance(value, str) and is_date_time(value) else value

    def clean(self, value: Any) -> Any:
        """Return the ISO text, or None."""
        moment: datetime | None = super().clean(value)
        try:
            return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


def parse_decimal(text: str) -> int | float | None:
    """Return the number that a text means, or None."""
    if len(text) > MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(text):
        return None
    # Also accept the decimal comma of many languages.
    number = float(text.replace(",", "."))
    if not -LARGEST_NUMBER <= number <= LARGEST_NUMBER:
        return None
    return int(number) if number.is_integer() else number


def parse_moment(text: str) -> str | None:
    """Return the moment as the engine stores it; without an offset, it is in the user's time zone."""
    try:
        moment = parse_datetime(text)
        if moment is not None and moment.tzinfo is None:
            moment = timezone.make_aware(moment)
        return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return None


def moment_as_typed(value: Any) -> str:
    """Return a stored moment in the user's time zone."""
    try:
        local = timezone.localtime(datetime.fromisoformat(value))
    except OverflowError:  # in this time zone, it is before the first or after the last day
        return str(value)
    return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")


class FilesWidget(forms.Widget):
    """Attached files, each with a checkbox to keep it, and a control to add more.

    Both have the field's name: ids arrive as values, new files as uploaded files.
    """

    template_name = "workflow_design/editor/files_widget.html"
    needs_multipart_form = True
    several = False
    known: Mapping[str, FileInfo] = {}
    """The files that may be attached, by id."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the ids; the view has replaced new files by their ids before it builds the form."""
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [found] if isinstance(found, str) else list(found)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return False: unchecked boxes are not submitted, so omission cannot be detected."""
        return False

    def format_value(self, value: Any) -> Any:
        """Return the ids as a list."""
        return [value] if isinstance(value, str) else list(value or [])

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add the files by name, and whether several are allowed."""
        context = super().get_context(name, value, attrs)
        present = [self.known[key] for key in dict.fromkeys(self.format_value(value)) if key in self.known]
        context["widget"] |= {"present": present, "several": self.several}
        return context


class FilesField(forms.Field):
    """Ids of files that the user may attach; any other id is rejected."""

    widget = FilesWidget

    def __init__(self, *, several: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.several = self.widget.several = several

    def to_python(self, value: Any) -> Any:
        """Return the list of ids or, if only one file is allowed, the newest id."""
        ids = [key for key in dict.fromkeys(value or []) if key]
        # Ids of files that the user may not attach are unknown here, whoever owns them.
        if any(key not in self.widget.known for key in ids):
            raise forms.ValidationError(_("This file no longer exists. Please attach it again."))
        if self.several:
            return ids
        return ids[-1] if ids else None


def line_control(widget: Callable[..., forms.Widget], longest: int = LONGEST_LINE, **attrs: str) -> Control:
    """Return a function that builds the control for a text of one line."""
    return lambda field, _sources: forms.CharField(
        max_length=min(field.max_length or longest, longest), widget=widget(attrs=attrs)
    )


def lines_control(field: Field, _sources: Sources) -> forms.Field:
    """Return the control for a text of several lines."""
    longest = min(field.max_length or MAX_TEXT, MAX_TEXT)
    return LinesField(max_length=longest, widget=forms.Textarea(attrs={"rows": 4}))


def number_control(field_class: type[forms.Field], step: int | str) -> Control:
    """Return a function that builds the control for a number."""

    def build(field: Field, _sources: Sources) -> forms.Field:
        bounds = {"min": field.minimum, "max": field.maximum, "step": field.multiple_of or step}
        attrs = {name: value for name, value in bounds.items() if value is not None}
        return field_class(widget=forms.NumberInput(attrs=attrs | {"inputmode": "decimal"}))

    return build


def choice_control(field: Field, _sources: Sources) -> forms.Field:
    """Return a control for one of the choices of a field."""
    values = {str(choice.value): choice.value for choice in field.choices}
    options = [(str(choice.value), choice.label) for choice in field.choices]
    return _one_of(field, options, values.__getitem__)


def yes_no_control(field: Field, _sources: Sources) -> forms.Field:
    """Return a control for a question with two answers."""
    return _one_of(field, [("True", _("Yes")), ("False", _("No"))], lambda text: text == "True")


def _one_of(
    field: Field, options: list[tuple[str, Any]], coerce: Callable[[str], Any]
) -> forms.TypedChoiceField:
    """Return a field with radio buttons for a few options, or a select for more."""
    # Radio buttons for a few options, so that the user sees them all at once.
    is_short = len(options) <= MAX_RADIOS
    if not field.required:
        options = [("", _("No answer")), *options]
    elif not is_short:
        options = [("", _("Choose one")), *options]
    widget = forms.RadioSelect() if is_short else forms.Select()
    return forms.TypedChoiceField(choices=options, coerce=coerce, empty_value=None, widget=widget)


def choices_control(field: Field, _sources: Sources) -> forms.Field:
    """Return a control for any of the choices of a field."""
    values = {str(choice.value): choice.value for choice in field.choices}
    return forms.TypedMultipleChoiceField(
        choices=[(str(choice.value), choice.label) for choice in field.choices],
        coerce=values.__getitem__,
        empty_value=[],
        widget=forms.CheckboxSelectMultiple(),
    )


def person_control(field: Field, sources: Sources) -> forms.Field:
    """Return a control for a person of the company."""
    nobody = _("Choose a person") if field.required else _("Nobody")
    return forms.ChoiceField(choices=[("", nobody), *sources.people()], widget=forms.Select())
