"""Form fields that Django does not have, and where forms and pages get the names of people and files."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from ticketflower.clean_json import composed
from workflow_design.definition.fields import BLANK, Field

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
    """Functions that provide a company's data to forms: people to choose from, files and names by id."""

    people: Callable[[], list[tuple[str, str]]]
    files: Callable[[Collection[str]], Mapping[str, FileInfo]]
    names: Callable[[Collection[str]], Mapping[str, str]] = field(default=lambda _ids: {})
    file_types: Callable[[], Collection[str]] = list
    """The endings of the names of files that are accepted; without any, a browser offers all files."""
    file_hint: Callable[[], str] = str
    """Which files are accepted, in words."""


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """Display names for ids in the data; ids of deleted people and files are missing."""

    people: Mapping[str, str]
    files: Mapping[str, FileInfo]


Control = Callable[[Field, Sources], forms.Field]
"""A function that returns the form field for a field of a workspace."""
_BLANK_LINES: Final = re.compile(r"\A(?:[^\S\n]*\n)+")


def unify_line_ends(text: str) -> str:
    """Return a text whose lines end as they do in stored texts; browsers send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class TextField(forms.CharField):
    """A text, in composed form; one of which nothing can be seen is empty."""

    def to_python(self, value: Any) -> Any:
        """Return the text, or "" if it is blank."""
        text = composed(super().to_python(value) or "")
        return "" if BLANK.fullmatch(text) else text


class LinesField(TextField):
    """A text of several lines, with normalized line ends; what is indented stays so."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Omit maxlength: the browser may count a line end as two, and would stop the user too early."""
        return {}

    def to_python(self, value: Any) -> Any:
        """Return the text with `\\n` as line ends, without blank lines around it."""
        text = super().to_python(unify_line_ends(value) if isinstance(value, str) else value)
        return _BLANK_LINES.sub("", text).rstrip()


def is_untouched(control: forms.BoundField) -> bool:
    """Return whether a control of a submitted form came back as it was shown."""
    return sorted(_texts(control.data)) == sorted(texts_of(control.field, control.initial))


def texts_of(control: forms.Field, value: Any) -> list[str]:
    """Return what a browser sends for a control that shows a stored value."""
    return _texts(control.widget.format_value(control.prepare_value(value)))


def _texts(value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [unify_line_ends(str(text)) for text in texts if text not in (None, "")]


class FilesWidget(forms.Widget):
    """Attached files, each with a checkbox to keep it, and a control to add more.

    Both have the field's name: ids arrive as values, new files as uploaded files.
    """

    template_name = "workflow_design/editor/files_widget.html"
    needs_multipart_form = True
    several = False
    types: Callable[[], Collection[str]] = staticmethod(list)
    known: Mapping[str, FileInfo] = {}
    """The files that may be attached, by id."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the ids; the view has replaced new files by their ids before it builds the form."""
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [found] if isinstance(found, str) else list(found)

    def format_value(self, value: Any) -> Any:
        """Return the ids as a list."""
        return [value] if isinstance(value, str) else list(value or [])

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add the files by name, whether several are allowed, and which a browser offers."""
        context = super().get_context(name, value, attrs)
        present = [self.known[key] for key in dict.fromkeys(self.format_value(value)) if key in self.known]
        accept = ",".join(f".{ending}" for ending in self.types())
        context["widget"] |= {"present": present, "several": self.several, "accept": accept}
        return context


class FilesField(forms.Field):
    """Ids of files that the user may attach; any other id is rejected."""

    widget = FilesWidget

    def __init__(self, *, several: bool, types: Callable[[], Collection[str]] = list, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.several = self.widget.several = several
        self.widget.types = types

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
    return lambda field, _sources: TextField(
        max_length=min(field.max_length or longest, longest), widget=widget(attrs=attrs)
    )


def lines_control(field: Field, _sources: Sources) -> forms.Field:
    """Return the control for a text of several lines."""
    longest = min(field.max_length or MAX_TEXT, MAX_TEXT)
    return LinesField(max_length=longest, widget=forms.Textarea(attrs={"rows": 4}))


class OneChoiceField(forms.TypedChoiceField):
    """One of several choices, which may have line breaks."""

    def prepare_value(self, value: Any) -> Any:
        """Return a submitted choice as it is stored, so that it is selected again."""
        return unify_line_ends(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> Any:
        """Return the submitted choice as it is stored."""
        return super().to_python(self.prepare_value(value))


class SeveralChoicesField(forms.TypedMultipleChoiceField):
    """Any of several choices, which may have line breaks."""

    def prepare_value(self, value: Any) -> Any:
        """Return the submitted choices as they are stored, so that they are checked again."""
        return [unify_line_ends(str(each)) for each in value] if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the submitted choices as they are stored."""
        return super().to_python(self.prepare_value(value))


def choice_control(field: Field, _sources: Sources) -> forms.Field:
    """Return a control for one of the choices of a field."""
    options = [(unify_line_ends(str(choice.value)), choice.label) for choice in field.choices]
    return _one_of(field, options, _value_of(field))


def _value_of(field: Field) -> Callable[[str], Any]:
    """Return a function from the text of a choice to its value; a former choice has its text."""
    values = {unify_line_ends(str(choice.value)): choice.value for choice in field.choices}
    return lambda text: values.get(text, text)


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
    return OneChoiceField(choices=options, coerce=coerce, empty_value=None, widget=widget)


def choices_control(field: Field, _sources: Sources) -> forms.Field:
    """Return a control for any of the choices of a field."""
    return SeveralChoicesField(
        choices=[(unify_line_ends(str(choice.value)), choice.label) for choice in field.choices],
        coerce=_value_of(field),
        empty_value=[],
        widget=forms.CheckboxSelectMultiple(),
    )


def person_control(field: Field, sources: Sources) -> forms.Field:
    """Return a control for a person of the company."""
    nobody = _("Choose a person") if field.required else _("Nobody")
    return forms.ChoiceField(choices=[("", nobody), *sources.people()], widget=forms.Select())
