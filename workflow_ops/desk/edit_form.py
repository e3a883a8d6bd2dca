"""The form in which ticket admins edit the data of a ticket, and what others have changed meanwhile."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.http import REDISPLAY, UNSENT, PageRequest
from users.models import CustomUser
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.engine import Write
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.forms import FIELDS_ON_PAGE, WorkspaceForm
from workflow_ops.history.changes import Change, changed_values, data_of_step
from workflow_ops.history.names import names_in
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import TicketInstance, WorkflowData, WorkflowInstance, WorkflowWrite, WriteStatus
from workflow_ops.work.forms import sources, store_form_files

FORM_STEP, FORM_WAITING = "_step", "_waiting"
"""The controls with the step whose data an edit form shows, and on hold, how many writes waited then.

No workspace field has such a name.
"""
SAVE = "_save"
"""The button of the preview: how the edit is saved."""
FIRST = "fields"
"""In the address: the names of the fields that the form shows first, separated by commas."""
MAX_STEPS = 50


def edit_form(ticket: TicketInstance, request: PageRequest) -> WorkspaceForm:
    """Return the edit form of the whole workspace, as the browser was shown it.

    No field is required: an edit may empty fields that forms require (`docs/engine.md`, "Words").
    """
    first = request.GET.get(FIRST, "").split(",")
    if request.method != "POST":
        return _edit_form(ticket, request.user, None, ticket.workflow_instance.data, first=first)
    fields = load_fields(ticket.workflow_instance.workflow)
    data, refused = store_form_files(fields, list(fields), request.POST, request.FILES, by=request.user)
    current = _data_at(ticket, form_step(request))
    return _edit_form(ticket, request.user, data, current, refused, first=first)


def edit_form_again(ticket: TicketInstance, form: WorkspaceForm, by: CustomUser) -> WorkspaceForm:
    """Return the form with the current data, and with what the person changed in an outdated `form`."""
    run = ticket.workflow_instance
    run.refresh_from_db(fields=["data", "step"])
    return _edit_form(ticket, by, form.data_onto(run.data), run.data)


def _data_at(ticket: TicketInstance, step: int) -> dict[str, Any]:
    """Return the data of the ticket after a step."""
    run = ticket.workflow_instance
    rows = WorkflowData.objects.filter(workflow_instance=run, step=step)
    source: WorkflowData | WorkflowInstance = run if step == run.step else rows.first() or run
    data: dict[str, Any] = source.data
    return data


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
    return WorkspaceForm(
        validator=validator,
        names=list(validator.fields),
        layout=_layout(validator.fields, first),
        sources=sources(by, ticket=ticket),
        data=post,
        draft=data,
        is_edit=True,
        refused=refused,
    )


def form_step(request: PageRequest) -> int:
    """Return the step whose data the form showed, or -1, which matches no step, if it is invalid."""
    step = parse_number(request.POST.get(FORM_STEP, ""))
    return -1 if step is None else step


def waiting_seen(request: PageRequest) -> int | None:
    """Return how many writes waited for the resume as the form was shown; None if it does not say."""
    return parse_number(request.POST.get(FORM_WAITING, ""))


def _layout(fields: Fields, first: Collection[str]) -> list[Any]:
    """Return a layout with the fields `first` above the others; without any, that of all in their order."""
    known = [name for name in fields if name in first]
    others = [name for name in fields if name not in first]
    return [*known, {"section": _("All other data"), "items": others}] if known and others else []


def edited_values(ticket: TicketInstance, form: WorkspaceForm) -> dict[str, Any]:
    """Return the fields that an edit changes; an emptied field has the value None."""
    values, data = form.values(), ticket.workflow_instance.data
    # Fields without a change are left out, so that the edit does not write them again.
    return {name: values.get(name) for name in sorted(form.touched) if values.get(name) != data.get(name)}


def typed(form: WorkspaceForm) -> list[tuple[str, str]]:
    """Return what the form holds as hidden controls, which send it once more."""
    ours = {"csrfmiddlewaretoken", FORM_STEP, FORM_WAITING, FIELDS_ON_PAGE, SAVE, REDISPLAY, UNSENT}
    lists = form.data.lists() if isinstance(form.data, QueryDict) else ()
    return [(name, str(text)) for name, texts in lists if name not in ours for text in texts]


class ForeignChange(NamedTuple):
    """A field that somebody has changed, with its values in words, and who did it, or ""."""

    change: Change
    who: str


def changes_since(ticket: TicketInstance, step: int) -> list[ForeignChange]:
    """Return what has changed since a step, and by whom; nothing if the step never was."""
    run = ticket.workflow_instance
    if not 0 <= step < run.step:
        return []
    fields, before = load_fields(run.workflow), data_of_step(run.pk, step)
    steps = WorkflowData.objects.filter(workflow_instance=run, step__gt=step).select_related("person")
    newest = list(steps.order_by("-step")[:MAX_STEPS])
    who: dict[str, str] = {}
    for later, data in zip(newest, [*(each.data for each in newest[1:]), before], strict=True):
        for name in fields:
            if data.get(name) != later.data.get(name):
                who.setdefault(name, actor_name(later.person, later.impersonator_id))
    names = names_in(fields, ticket, before, run.data)
    changed = changed_values(before, run.data, fields, names)
    return [ForeignChange(each, who.get(each.name, "")) for each in changed]


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
