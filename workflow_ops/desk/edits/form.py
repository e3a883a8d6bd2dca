"""The form in which ticket admins edit a ticket's data, and changes that others made in the meantime."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from ticketflower.http import REDISPLAY, UNSENT, PageRequest
from users.models import CustomUser
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.engine import Write
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.forms import FIELDS_ON_PAGE, WorkspaceForm
from workflow_ops.history.changes import ForeignChange, changed_values
from workflow_ops.history.names import names_in
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import TicketInstance, WorkflowWrite, WriteStatus
from workflow_ops.work.corrections import FORM_STEP, FORM_WAITING, data_shown, form_step
from workflow_ops.work.forms import sources, store_form_files

SAVE = "_save"
"""The name of the preview's buttons, whose value says how the edit is saved."""
FIRST_FIELDS = "fields"
"""The URL parameter with the names of the fields that the form shows first, separated by commas."""
MAX_STEPS = 50


class EditForm(WorkspaceForm):
    """The form of the whole workspace. Its page says that every field may be left empty."""

    marks_optional = False


def edit_form(ticket: TicketInstance, request: PageRequest) -> WorkspaceForm:
    """Return the edit form of the whole workspace, based on the data that the browser was shown.

    No field is required: an edit may empty fields that forms require (`docs/engine.md`, "Words").
    """
    first = request.GET.get(FIRST_FIELDS, "").split(",")
    if request.method != "POST":
        return _edit_form(ticket, request.user, None, ticket.workflow_instance.data, first=first)
    fields = load_fields(ticket.workflow_instance.workflow)
    data, refused = store_form_files(fields, list(fields), request.POST, request.FILES, by=request.user)
    current = data_shown(ticket.workflow_instance, form_step(request))
    return _edit_form(ticket, request.user, data, current, refused, first=first)


def edit_form_of(ticket: TicketInstance, *, by: CustomUser, post: QueryDict | None = None) -> WorkspaceForm:
    """Return the edit form based on the current data, with the values of `post`."""
    return _edit_form(ticket, by, post, ticket.workflow_instance.data)


def edit_form_again(ticket: TicketInstance, form: WorkspaceForm, by: CustomUser) -> WorkspaceForm:
    """Return the form with the current data, and with what the person changed in an outdated `form`."""
    run = ticket.workflow_instance
    run.refresh_from_db(fields=["data", "step"])
    return edit_form_of(ticket, by=by, post=form.data_onto(run.data))


def _edit_form(
    ticket: TicketInstance,
    by: CustomUser,
    post: QueryDict | None,
    data: Mapping[str, Any],
    refused: Mapping[str, list[str]] | None = None,
    *,
    first: Collection[str] = (),
) -> WorkspaceForm:
    validator = data_validator({**ticket.workflow_instance.workflow.fields_schema, "required": []})
    return EditForm(
        validator=validator,
        names=list(validator.fields),
        layout=_layout(validator.fields, first),
        sources=sources(by, ticket=ticket),
        data=post,
        draft=data,
        is_edit=True,
        refused=refused,
    )


def _layout(fields: Fields, first: Collection[str]) -> list[Any]:
    """Return a layout with the fields `first` above the others, or [] (the default) if there are none."""
    known = [name for name in fields if name in first]
    others = [name for name in fields if name not in first]
    return [*known, {"section": _("All other data"), "items": others}] if known and others else []


def hidden_controls(form: WorkspaceForm) -> list[tuple[str, str]]:
    """Return names and values of hidden controls with which the form is sent again."""
    ours = {"csrfmiddlewaretoken", FORM_STEP, FORM_WAITING, FIELDS_ON_PAGE, SAVE, REDISPLAY, UNSENT}
    lists = form.data.lists() if isinstance(form.data, QueryDict) else ()
    return [(name, str(text)) for name, texts in lists if name not in ours for text in texts]


def waiting_changes(ticket: TicketInstance) -> list[ForeignChange]:
    """Return what edits and corrections will change once the ticket is resumed, oldest first."""
    run = ticket.workflow_instance
    writes = WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING)
    waiting = list(writes.select_related("person").order_by("pk")[:MAX_STEPS])
    states = [run.data]
    for write in waiting:
        states.append(Write.from_json(write.content).merged_into(states[-1]))
    fields = load_fields(run.workflow)
    names = names_in(fields, ticket, *states)
    return [
        ForeignChange(change, actor_name(write.person, write.impersonator_id))
        for write, before, after in zip(waiting, states, states[1:], strict=False)
        for change in changed_values(before, after, fields, names)
    ]
