"""Forms of submitters and workers: withdrawal reason, and the forms of tickets and tasks."""

import uuid
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.utils.translation import gettext_lazy as _

from ticketflower.clean_json import parse_number
from ticketflower.drawn_forms import DrawnForm, draw_once
from ticketflower.file_types import accepted_types
from ticketflower.form_tags import form_fields
from ticketflower.http import Form
from users.models import CustomUser
from workflow_design.definition.field_types import FILE, USER
from workflow_design.definition.fields import Fields
from workflow_design.models import TaskDefinition, TicketDefinition
from workflow_design.workspace.controls import LinesField, Sources
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.people import find_names, people_choices
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.files import describe_accepted_files, known_files, store_uploads
from workflow_ops.models import TaskInstance, TicketInstance

MAX_REASON_LENGTH = 1000

# Names of our own controls in forms of workspace fields, whose names never begin with "_".
FORM_TOKEN = "_form_token"  # noqa: S105 - the name of a control
INPUT_VERSION = "_input_version"
PREPARED = "_prepared"
SAVE_DRAFT = "_save_draft"
EDITED_AT = "_edited_at"
SUBMIT_AGAIN = "_again"


class ReasonForm(Form):
    """The reason for an action that ends or stops something; everyone who sees the ticket can read it."""

    reason = LinesField(
        label=_("Reason"),
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone who sees the ticket can read it."),
    )


class SendBackForm(ReasonForm):
    """The reason for sending back a prepared answer; `prepared` is the id of the answer that was shown."""

    prepared = forms.CharField(widget=forms.HiddenInput, required=False)


def sources(person: CustomUser, *, ticket: TicketInstance | None = None) -> Sources:
    """Return the lookups for forms of `person`, including the files of `ticket`."""
    return Sources(
        people=people_choices,
        files=lambda ids: known_files(ids, by=person, ticket=ticket),
        names=find_names,
        file_types=accepted_types,
        file_hint=describe_accepted_files,
    )


def ticket_form(
    definition: TicketDefinition,
    *,
    by: CustomUser,
    post: QueryDict | None = None,
    uploads: Any = None,
    only: list[str] | None = None,
    ticket: TicketInstance | None = None,
    draft: Mapping[str, Any] | None = None,
) -> WorkspaceForm:
    """Return the form that submits a ticket, or the part of it with `only` these fields.

    Its initial values are those of `draft`.

    Files of `ticket`, which this form has already created, are accepted, too.
    Effects: uploaded files of the POST are stored at once, even if the form turns out to be invalid.
    """
    validator = get_rules(definition.workflow_id).validator
    names = definition.fields if only is None else only
    data, refused = store_form_files(validator.fields, names, post, uploads, by=by)
    return WorkspaceForm(
        validator=validator,
        names=names,
        layout=definition.edit_layout if only is None else [],
        sources=sources(by, ticket=ticket),
        data=data,
        draft=draft,
        refused=refused,
    )


def filled_fields(definition: TicketDefinition, post: QueryDict, *, without: Collection[str]) -> list[str]:
    """Return the ticket's fields that are filled in the POST, apart from those in `without`."""
    names = [name for name in definition.fields if name not in without]
    return [name for name in names if any(text.strip() for text in post.getlist(name))]


def task_form(
    task: TaskInstance,
    *,
    by: CustomUser,
    post: QueryDict | None = None,
    uploads: Any = None,
    is_draft: bool = False,
) -> WorkspaceForm:
    """Return the form that completes a task or saves it as a draft."""
    definition, run = task.task_definition, task.workflow_instance
    validator = get_rules(definition.workflow_id).validator
    names = definition.output_fields
    data, refused = store_form_files(validator.fields, names, post, uploads, by=by)
    return WorkspaceForm(
        validator=validator,
        names=names,
        layout=definition.edit_layout,
        sources=sources(by, ticket=run.ticket),
        data=data,
        workspace=run.data,
        draft=task.draft,
        is_draft=is_draft,
        refused=refused,
    )


def empty_ticket_form(definition: TicketDefinition, *, by: CustomUser) -> DrawnForm | WorkspaceForm:
    """Return the unfilled form of a new ticket."""
    return _empty_form(definition, definition.fields, partial(ticket_form, definition, by=by))


def first_task_form(task: TaskInstance, *, by: CustomUser) -> DrawnForm | WorkspaceForm:
    """Return the form of a task as it is first shown, with saved or earlier values if there are any."""
    definition, data = task.task_definition, task.workflow_instance.data
    build = partial(task_form, task, by=by)
    if task.draft is not None or not data.keys().isdisjoint(definition.output_fields):
        return build()
    return _empty_form(definition, definition.output_fields, build)


def _empty_form(
    definition: TicketDefinition | TaskDefinition, names: Collection[str], build: Callable[[], WorkspaceForm]
) -> DrawnForm | WorkspaceForm:
    """Return the form that `build` returns, rendered once, because a published version never changes.

    A form that offers people is not cached, because people change.
    """

    def draw() -> DrawnForm | bool:
        fields = get_rules(definition.workflow_id).validator.fields
        if any(name in fields and fields[name].type is USER for name in names):
            return False
        form = build()
        return DrawnForm(form_fields(Context(), form), is_multipart=form.is_multipart())

    files = describe_accepted_files(), *accepted_types()
    key = ("empty form", definition.company_id, type(definition).__name__, definition.pk, files)
    drawn = draw_once(key, draw)
    return drawn if isinstance(drawn, DrawnForm) else build()


def form_token(request: HttpRequest) -> uuid.UUID | None:
    """Return the token from the POST or from the URL of the form, or None."""
    try:
        return uuid.UUID(request.POST.get(FORM_TOKEN) or request.GET.get("form", ""))
    except ValueError:
        return None


def input_version(post: Mapping[str, Any]) -> int:
    """Return the version of the task's input with which the form was opened.

    If it is missing, return a version that no task has, so that completing is refused: it is unknown which
    input the person saw.
    """
    return parse_number(str(post.get(INPUT_VERSION, ""))) or -1


def store_form_files(
    fields: Fields,
    names: list[str],
    post: QueryDict | None,
    uploads: Any,
    *,
    by: CustomUser,
) -> tuple[QueryDict | None, dict[str, list[str]]]:
    """Store the uploaded files of a POST. Return its data with their ids, and messages about refused files.

    They are stored even if the form turns out to be invalid: browsers do not send them again.
    """
    file_fields = [name for name in names if name in fields and fields[name].type.base is FILE]
    if post is None or not file_fields or not uploads:
        return post, {}
    return store_uploads(post, uploads, fields=file_fields, by=by)
