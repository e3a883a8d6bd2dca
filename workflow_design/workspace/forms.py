"""Form for any workspace fields, laid out as the definition says (`docs/workflow-format.md`).

Nothing that a designer wrote is interpreted as a template: titles, texts and help texts are
escaped, and the functions below render the layout.
"""

import json
from collections.abc import Collection, Mapping
from functools import cached_property, lru_cache
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ticketflower.clean_json import JsonError, clean_json
from ticketflower.form_drawing import draw_field
from ticketflower.http import Form
from workflow_design.definition.field_types import FILE
from workflow_design.definition.fields import Fields, without_empty
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
from workflow_design.workspace.controls import FileInfo, FilesField, Sources, is_untouched, texts_of
from workflow_design.workspace.field_types import form_control
from workflow_design.workspace.reading import paragraphs

CACHED_LAYOUTS = 500


FIELDS_ON_PAGE = "_fields"
"""The control of an edit form with the names of the fields that it shows, separated by spaces."""


class WorkspaceForm(Form):
    """Form for the fields `names` of a workspace, in the given `layout` (JSON).

    Its initial values are those of a saved `draft`, otherwise those of the `workspace`, completed with
    defaults. With `is_draft`, no field is required. An edit (`is_edit`) takes only what the person touched.
    `refused` has the reasons why uploaded files were rejected, by field name.
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
        is_edit: bool = False,
        refused: Mapping[str, list[str]] | None = None,
    ) -> None:
        fields = validator.fields
        self.requested_fields = Fields([field for name, field in fields.items() if name in set(names)])
        self.is_draft, self._is_edit = is_draft, is_edit
        self.validator = validator
        self._refused = refused or {}
        super().__init__(data=data, initial=_initial_values(self.requested_fields, workspace or {}, draft))
        parsed = _parse_form_layout(json.dumps(layout), tuple(self.requested_fields))
        self.fields = {
            name: form_control(self.requested_fields[name], sources, self.initial.get(name))
            for name in parsed.fields_in_order
        }
        self.helper = _LayoutRenderer(parsed)
        self._sources = sources
        self._set_known_files()

    @property
    def file_names(self) -> list[str]:
        """The names of the fields that take files."""
        return [name for name, field in self.requested_fields.items() if field.type.base is FILE]

    def values(self) -> dict[str, Any]:
        """Return the data to write; blank fields have no key. Only call this on valid forms."""
        if not self.is_valid():
            raise ValueError("an invalid form has no values")
        return self._values

    def file_ids(self) -> list[str]:
        """Return the ids of all files in the values."""
        return [key for name in self.file_names for key in _as_list(self.values().get(name))]

    @cached_property
    def touched(self) -> frozenset[str]:
        """The fields whose control came back other than it was sent; an edit need not send all of them."""
        return frozenset(filter(self._is_touched, self.fields))

    def data_onto(self, current: Mapping[str, Any]) -> QueryDict:
        """Return the submitted data as if it had been typed into a form that showed the `current` values."""
        data = cast("QueryDict", self.data).copy()
        for name in self.fields.keys() - self.touched:
            data.setlist(name, texts_of(self.fields[name], current.get(name)))
        return data

    def _is_touched(self, name: str) -> bool:
        return (not self._is_edit or self._was_on_page(name)) and not is_untouched(self[name])

    def _was_on_page(self, name: str) -> bool:
        # A browser sends nothing for boxes without a tick, so the page says which fields it shows.
        return name in self.data or name in self.data.get(FIELDS_ON_PAGE, "").split()

    def full_clean(self) -> None:
        """Validate as Django does, but require nothing in a draft."""
        for name, control in self.fields.items():
            control.required = self.requested_fields[name].required and not self.is_draft
        super().full_clean()
        # Restore the flags, so that the form still marks required fields when it is shown again.
        for name, control in self.fields.items():
            control.required = self.requested_fields[name].required

    def clean(self) -> dict[str, Any]:
        """Validate the values against the schema, and add each problem to its field.

        A control that nobody touched has the stored value, not the meaning of its text.
        """
        stored = without_empty({name: self.initial.get(name) for name in self.fields})
        for name, value in stored.items():
            if not self._is_touched(name):
                self.cleaned_data[name] = value
                self.errors.pop(name, None)
        for name, messages in self._refused.items():
            self.add_error(name, messages)
        taken = self.touched if self._is_edit else self.fields
        cleaned = {name: self.cleaned_data[name] for name in taken if name not in self.errors}
        self._values = without_empty(cleaned)
        for problem in self._problems():
            self._add_problem(problem)
        return self.cleaned_data

    def _problems(self) -> list[Problem]:
        problems = []
        for name, value in list(self._values.items()):
            try:
                clean_json(value)
            except JsonError as error:
                problems.append(Problem(f"/{name}", error.message, error.code))
                # The validator expects clean JSON.
                del self._values[name]
        return problems + self.validator.problems(self._values)

    def _add_problem(self, problem: Problem) -> None:
        name = problem.pointer.split("/")[1] if problem.pointer else ""
        field = name if name in self.fields else None
        # Several list items may have the same problem; show it once.
        if problem.message not in self.errors.get(field or "__all__", []):
            self.add_error(field, problem.message)

    def fill_in(self, data: QueryDict) -> None:
        """Bind the empty form to data, as if it had been made with it."""
        self.data, self.is_bound = data, True
        self._set_known_files()

    def _set_known_files(self) -> None:
        controls = {name: self.fields[name] for name in self.file_names}
        if not controls:
            return
        # All ids at once, so that the files need one query for the whole form.
        ids = {key for name in controls for key in _as_list(self.initial.get(name))}
        if self.is_bound:
            for name, control in controls.items():
                ids.update(control.widget.value_from_datadict(self.data, self.files, name))
        known: Mapping[str, FileInfo] = self._sources.files(ids) if ids else {}
        for control in controls.values():
            if isinstance(control, FilesField):
                control.widget.known = known


@lru_cache(maxsize=CACHED_LAYOUTS)
def _parse_form_layout(layout: str, fields: tuple[str, ...]) -> Layout:
    """Return the layout in this JSON text. Raise LayoutError."""
    return parse_layout(json.loads(layout), fields=fields, exactly_once=True)


def _initial_values(
    requested: Fields, workspace: Mapping[str, Any], draft: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the initial values of the form."""
    # A saved draft may have cleared a field on purpose, so it gets no defaults.
    if draft is None:
        defaults = {name: field.default for name, field in requested.items() if field.default is not None}
        draft = {**defaults, **workspace}
    return {name: value for name, value in draft.items() if name in requested}


def _as_list(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value)] if value else []


class _LayoutRenderer:
    """Renders a form by its layout; crispy accepts this object in place of its helper."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def get_attributes(self, template_pack: str) -> dict[str, object]:
        """Return no attributes beyond those that the template tag sets."""
        return {}

    def render_layout(self, form: forms.BaseForm, context: Context, template_pack: str) -> SafeString:
        """Render the fields in the order and grouping of the layout."""

        def field(name: str) -> SafeString:
            return draw_field(form[name])

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
