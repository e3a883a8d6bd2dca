"""Values of forms as JSON: validated by the same forms as on pages, and shown as pages show them."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.workspace.controls import texts_of
from workflow_design.workspace.forms import FIELDS_ON_PAGE, WorkspaceForm
from workflow_ops.api.problems import RequestRefusedError, form_problems
from workflow_ops.models import WorkflowInstance
from workflow_ops.work.corrections import edited_values

MakeForm = Callable[[], WorkspaceForm]
"""A function that returns the unfilled form."""


class FormValues(NamedTuple):
    """The values of a form that was accepted, and the files that they name."""

    values: dict[str, Any]
    file_ids: list[str]
    file_fields: list[str]


def read_values(make_form: MakeForm, values: Mapping[str, Any]) -> FormValues:
    """Return the values of a whole form; null or left out means blank. Raise RequestRefusedError."""
    form = _read_form(make_form, values)
    return FormValues(form.values(), form.file_ids(), form.file_names)


def read_edit(
    make_form: MakeForm, values: Mapping[str, Any], *, run: WorkflowInstance
) -> tuple[dict[str, Any], list[str]]:
    """Return the fields that an edit of the ticket's data changes, and the files that the values name.

    Null empties a field, and fields that are left out stay as they are. Raise RequestRefusedError.
    """
    form = _read_form(make_form, values, is_edit=True)
    return edited_values(run, form), form.file_ids()


def _read_form(make_form: MakeForm, values: Mapping[str, Any], *, is_edit: bool = False) -> WorkspaceForm:
    """Return the valid form with these values. Raise RequestRefusedError with a pointer for each field.

    JSON types are checked first, because the form would accept "5" as a number.
    """
    form = make_form()
    filled = {name: value for name, value in values.items() if value is not None}
    message = _("The form does not ask for this field.")
    problems = [
        Problem(pointer(name), message, "unknown-field") for name in values if name not in form.fields
    ]
    problems = problems or form.validator.problems(filled)
    if not problems:
        form.fill_in(_as_typed(form, filled, on_page=values if is_edit else ()))
        if form.is_valid():
            return form
        problems = form_problems(form)
    raise RequestRefusedError(422, _("The values are not valid."), problems=under("/values", problems))


def _as_typed(form: WorkspaceForm, values: Mapping[str, Any], *, on_page: Iterable[str]) -> QueryDict:
    """Return the data that a browser would send; `on_page` are the fields that the page of an edit shows."""
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, texts_of(form.fields[name], value))
    data[FIELDS_ON_PAGE] = " ".join(on_page)
    return data


def plain_text(sentence: SafeString) -> str:
    """Return a sentence that is HTML as plain text."""
    return html.unescape(strip_tags(sentence))


def only(values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return the values of these fields, in the order of the names."""
    return {name: values[name] for name in names if name in values}
