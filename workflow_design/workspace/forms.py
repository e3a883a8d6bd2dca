"""A form of any fields of a workspace, laid out as its definition says (`docs/workflow-format.md`).

Nothing that a designer wrote is read as a template: titles, texts and helps are escaped, and the
layout is drawn by the functions below.
"""

import json
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.template import Context
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.fields import FieldKind, Fields, without_empty
from workflow_design.definition.layouts import (
    FieldItem,
    Item,
    Layout,
    RowItem,
    SectionItem,
    TextItem,
    parse_layout,
)
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import DataValidator
from workflow_design.workspace.controls import FilesField, ShownFile, Sources, form_control
from workflow_design.workspace.reading import paragraphs

CACHED_LAYOUTS = 500
FILE_KINDS = (FieldKind.FILE, FieldKind.FILES)


class WorkspaceForm(forms.Form):
    """Asks for the fields `names` of a workspace, which it shows as `layout` (JSON) says.

    It begins with a `draft` as that was saved, else with the values of the `workspace`, where defaults
    fill the gaps. Saved as a draft, nothing is required. `refused` says, by the name of their field,
    why files that the POST brought were not taken.
    """

    def __init__(
        self,
        *,
        validator: DataValidator,
        names: Collection[str],
        layout: Any,
        sources: Sources,
        data: Any = None,
        workspace: Mapping[str, Any] | None = None,
        draft: Mapping[str, Any] | None = None,
        is_draft: bool = False,
        refused: Mapping[str, list[str]] | None = None,
    ) -> None:
        every = validator.fields
        self.asked = Fields([field for name, field in every.items() if name in set(names)])
        self.is_draft = is_draft
        self._validator = validator
        self._refused = refused or {}
        super().__init__(data=data, initial=_prefilled(self.asked, workspace or {}, draft))
        parsed = _layout_of_form(json.dumps(layout), tuple(self.asked))
        self.fields = {name: form_control(self.asked[name], sources) for name in parsed.fields_in_order}
        self.helper = _Drawing(parsed)
        self._know_files(sources)

    @property
    def file_names(self) -> list[str]:
        """The fields that take files."""
        return [name for name, field in self.asked.items() if field.kind in FILE_KINDS]

    def values(self) -> dict[str, Any]:
        """What was filled in, as a write carries it: what is blank has no key. Valid forms only."""
        if not self.is_valid():
            raise ValueError("a form that was refused has no values")
        return self._values

    def file_ids(self) -> list[str]:
        """The ids of all files that the values name."""
        return [key for name in self.file_names for key in _as_list(self.values().get(name))]

    def full_clean(self) -> None:
        """As Django's; a draft requires nothing."""
        for name, control in self.fields.items():
            control.required = self.asked[name].required and not self.is_draft
        super().full_clean()
        for name, control in self.fields.items():
            control.required = self.asked[name].required

    def clean(self) -> dict[str, Any]:
        """Hold the values against the schema; each problem stands beside its field."""
        for name, messages in self._refused.items():
            self.add_error(name, messages)
        cleaned = {name: value for name, value in self.cleaned_data.items() if name not in self.errors}
        self._values = without_empty(cleaned)
        for problem in self._problems():
            self._note(problem)
        return self.cleaned_data

    def note(self, problems: Collection[Problem]) -> None:
        """Show problems that were found later, such as by the engine."""
        for problem in problems:
            self._note(problem)

    def _problems(self) -> list[Problem]:
        problems = []
        for name, value in list(self._values.items()):
            try:
                clean_json(value)
            except JsonError as error:
                problems.append(Problem(f"/{name}", error.message, error.code))
                del self._values[name]
        return problems + self._validator.problems(self._values)

    def _note(self, problem: Problem) -> None:
        name = problem.pointer.split("/")[1] if problem.pointer else ""
        field = name if name in self.fields else None
        if problem.message not in self.errors.get(field or "__all__", []):
            self.add_error(field, problem.message)

    def _know_files(self, sources: Sources) -> None:
        controls = {name: self.fields[name] for name in self.file_names}
        if not controls:
            return
        ids = {key for name in controls for key in _as_list(self.initial.get(name))}
        if self.is_bound:
            ids |= {key for name, control in controls.items() for key in self._posted(control, name)}
        known: Mapping[str, ShownFile] = sources.files(ids) if ids else {}
        for control in controls.values():
            if isinstance(control, FilesField):
                control.know(known)

    def _posted(self, control: forms.Field, name: str) -> list[str]:
        found: list[str] = control.widget.value_from_datadict(self.data, self.files, name)
        return found


@lru_cache(maxsize=CACHED_LAYOUTS)
def _layout_of_form(layout: str, fields: tuple[str, ...]) -> Layout:
    """Return the layout in this JSON text. Raises LayoutError."""
    return parse_layout(json.loads(layout), fields=fields, exactly_once=True)


def _prefilled(
    asked: Fields, workspace: Mapping[str, Any], draft: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What the form begins with."""
    if draft is None:
        defaults = {name: field.default for name, field in asked.items() if field.default is not None}
        draft = {**defaults, **workspace}
    return {name: _shown(asked[name].kind, value) for name, value in draft.items() if name in asked}


def _shown(kind: FieldKind, value: Any) -> Any:
    """A stored value as its control takes it."""
    if kind in FILE_KINDS:
        return _as_list(value)
    if kind in (FieldKind.YES_NO, FieldKind.CHOICE):
        return str(value)
    return [str(item) for item in value] if kind is FieldKind.CHOICES and isinstance(value, list) else value


def _as_list(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value)] if value else []


class _Drawing:
    """Draws a form by its layout; stands where crispy's helper would."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def get_attributes(self, template_pack: str) -> dict[str, object]:
        """Nothing beside what the tag gives."""
        return {}

    def render_layout(self, form: forms.BaseForm, context: Context, template_pack: str) -> SafeString:
        """The fields in the order and grouping of the layout."""
        template = get_template(f"{template_pack}/field.html")
        settings = {"form": form, "form_show_labels": True, "form_show_errors": True}

        def field(name: str) -> SafeString:
            return SafeString(template.render(settings | {"field": form[name]}))

        def draw(item: Item) -> SafeString:
            match item:
                case FieldItem(name):
                    return field(name)
                case RowItem(names):
                    return format_html(
                        '<div class="row">{}</div>',
                        format_html_join("", "<div>{}</div>", ((field(name),) for name in names)),
                    )
                case TextItem(text):
                    return paragraphs(text)
                case SectionItem(title, items):
                    return format_html("<fieldset><legend>{}</legend>{}</fieldset>", title, together(items))

        def together(items: Collection[Item]) -> SafeString:
            return format_html_join("", "{}", ((draw(item),) for item in items))

        return together(self.layout.items)
