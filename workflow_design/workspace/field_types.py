"""The part of the field types that is for browsers: the control of each, how a value is shown, and typed.

Labels and values are plain text, which is escaped. Input is validated twice: here as far as converting
the browser's text to a value requires, and by `DataValidator` for everything else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from users.sessions import current_currency
from workflow_design.definition import field_types as types
from workflow_design.definition.fields import Field, FieldType, is_empty
from workflow_design.workspace.controls import (
    Control,
    DisplayNames,
    FilesField,
    Sources,
    choice_control,
    choices_control,
    line_control,
    lines_control,
    person_control,
    unify_line_ends,
    yes_no_control,
)
from workflow_design.workspace.typed import (
    AsTyped,
    Read,
    moment_as_typed,
    number_as_typed,
    read_day,
    read_moment,
    read_number,
    read_time,
    same_text,
)
from workflow_design.workspace.typed_fields import (
    DateInput,
    MoneyInput,
    TypedField,
    number_input,
    short_input,
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
    read: Read = same_text
    """Return the value that somebody typed, or raise ValidationError."""
    as_typed: AsTyped = same_text
    """Return the text to type for a value."""
    hint: Any = ""
    """What is written below the label, after the help that the designer wrote."""
    name: Callable[[str, DisplayNames], str] | None = None
    """Return the name of what an id refers to, if values are ids."""


def form_control(field: Field, sources: Sources, stored: Any = None) -> forms.Field:
    """Return the form field for `field`, which shows all of a `stored` value, also one no longer offered."""
    presentation = PRESENTATIONS[field.type]
    control = presentation.control(field, sources)
    if isinstance(control, forms.ChoiceField):
        _offer_former(control, field, stored, sources)
        # Nobody can send anything else but what was offered as the form was opened, such as a person's id.
        control.error_messages["invalid_choice"] = _("What you chose is no longer offered. Choose again.")
    elif isinstance(control.widget, forms.TextInput) and len(str(stored).splitlines()) > 1:
        # Browsers drop the line breaks of a text in an input of one line.
        control = lines_control(field, sources)
    control.label, control.required = field.title, field.required
    control.help_text = f"{field.help_text} {_hint(field, presentation) or control.help_text}".strip()
    control.widget.is_required = field.required
    return control


def _hint(field: Field, presentation: Presentation) -> str:
    """Return what a person can type: the first example, or what is usual for the type."""
    if not field.examples or not field.type.is_typed:
        return str(presentation.hint)
    return _("Such as %(example)s.") % {"example": presentation.as_typed(field.examples[0], field)}


def _offer_former(control: forms.ChoiceField, field: Field, stored: Any, sources: Sources) -> None:
    """Add what is stored to the choices, so that only the person changes it."""
    texts = [str(each) for each in (stored if isinstance(stored, list) else [stored]) if not is_empty(each)]
    choices = list(cast("Iterable[tuple[Any, Any]]", control.choices))
    former = set(map(unify_line_ends, texts)) - {str(value) for value, _label in choices}
    if not former:
        return
    names = sources.names(former) if field.type is types.USER else {}
    for text in sorted(former):
        pattern = _("%(name)s (deactivated)") if text in names else _("%(name)s (no longer offered)")
        name = _person_name(text, DisplayNames(names, {})) if field.type is types.USER else text
        choices.append((text, pattern % {"name": name}))
    control.choices = choices


def input_attributes(field: Field) -> dict[str, str]:
    """Return the attributes of an input of one line for a value of the field."""
    attrs = form_control(field, Sources(people=list, files=lambda _ids: {})).widget.attrs
    return {name: value for name, value in attrs.items() if name == "inputmode"}


def in_words(field: Field, value: Any, names: DisplayNames) -> SafeString:
    """Return a value as HTML for people, or "" if it is empty."""
    return (
        SafeString("")
        if is_empty(value)
        else format_html("{}", PRESENTATIONS[field.type].show(field, value, names))
    )


def in_text(field: Field, value: Any, names: DisplayNames) -> str:
    """Return a value as plain text, as it stands in a message, or "" if it is empty."""
    if is_empty(value):
        return ""
    presentation = PRESENTATIONS[field.type]
    words = presentation.show(field, value, names)
    if not isinstance(words, SafeString):
        return str(words)

    def item_text(item: Any) -> str:
        if presentation.name:
            return presentation.name(str(item), names)
        return field.label_for(item) if field.choices else field.type.in_sentence(field, item) or str(item)

    return ", ".join(map(item_text, value if isinstance(value, list) else [value]))


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


def _show_time(field: Field, value: Any, _names: DisplayNames) -> Any:
    words = field.type.in_sentence(field, value)
    return format_html('<time datetime="{}">{}</time>', value, words) if words else value


# --- Numbers -------------------------------------------------------------------------


def _show_number(field: Field, value: Any, _names: DisplayNames) -> str:
    return field.type.in_sentence(field, value) or str(value)


def _show_money(field: Field, value: Any, names: DisplayNames) -> str:
    return f"{_show_number(field, value, names)}\u00a0{current_currency()}".rstrip()


# --- Choices -------------------------------------------------------------------------


def _show_choices(field: Field, value: Any, _names: DisplayNames) -> str:
    items = value if isinstance(value, list) else [value]
    # A label may have commas itself.
    return format_html_join(SafeString("<br>"), "{}", ((field.label_for(item),) for item in items))


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
        format_html('<a href="{}" download>{}</a>', file.url, file.name)
        if file and file.url
        else _file_name(key, names)
    )


def _files(*, several: bool) -> Presentation:
    return Presentation(
        control=lambda _field, sources: FilesField(
            several=several, types=sources.file_types, help_text=sources.file_hint()
        ),
        show=_show_files,
        name=_file_name,
    )


def _typed(
    read: Read, as_typed: AsTyped, show: Show, widget: Callable[[Field], forms.Widget], hint: Any = ""
) -> Presentation:
    return Presentation(
        control=lambda field, _sources: TypedField(field, read, as_typed, widget=widget(field)),
        show=show,
        read=read,
        as_typed=as_typed,
        hint=hint,
    )


PRESENTATIONS: Final[Mapping[FieldType, Presentation]] = {
    types.TEXT: Presentation(control=line_control(forms.TextInput)),
    types.MULTILINE: Presentation(control=lines_control, show=_show_lines),
    types.CHOICE: Presentation(control=choice_control, show=_show_choices),
    types.CHOICES: Presentation(control=choices_control, show=_show_choices),
    types.YES_NO: Presentation(
        control=yes_no_control, show=lambda _field, value, _names: _("Yes") if value else _("No")
    ),
    types.INTEGER: _typed(read_number, number_as_typed, _show_number, number_input),
    types.NUMBER: _typed(read_number, number_as_typed, _show_number, number_input),
    types.MONEY: _typed(read_number, number_as_typed, _show_money, MoneyInput),
    types.DATE: _typed(
        *(read_day, same_text, _show_time, lambda _field: DateInput("date")),
        hint=_("Such as 2026-01-31 or 31 January 2026."),
    ),
    types.TIME: _typed(read_time, same_text, _show_time, short_input, hint=_("Such as 09:30 or 9:30 pm.")),
    types.DATE_TIME: _typed(
        *(read_moment, moment_as_typed, _show_time, lambda _field: DateInput("datetime-local")),
        hint=_("Such as 2026-01-31 09:30."),
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
