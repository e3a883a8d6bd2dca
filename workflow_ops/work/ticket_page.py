"""The context of a ticket's page, with one page of its timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.http import PageRequest
from users.models import CustomUser
from workflow_design.access import may_administer_workflow, may_see_conditions
from workflow_design.definition.fields import Fields
from workflow_design.models import WorkflowCompletion
from workflow_design.persistence.plans import load_fields, load_plan
from workflow_design.workspace.reading import Block, build_read_view
from workflow_ops.access import submitted
from workflow_ops.comments.audience import may_read_internal, without_internal
from workflow_ops.comments.following import following
from workflow_ops.comments.forms import CommentForm, new_comment_form
from workflow_ops.comments.showing import show_comments
from workflow_ops.history.links import links_of
from workflow_ops.history.names import names_in, reached_end, vocabulary_for
from workflow_ops.history.remarks import held_entries
from workflow_ops.history.stages import build_stages
from workflow_ops.history.state_sentence import state_sentence
from workflow_ops.history.steps import step_url, why_links
from workflow_ops.history.timeline_wording import TimelineEntry, actor_name, build_entries, enterer_name
from workflow_ops.models import (
    FileUpload,
    RunStatus,
    TaskInstance,
    TicketInstance,
)
from workflow_ops.work.corrections import reason_against_correction
from workflow_ops.work.ticket_rows import has, read_events, read_steps_of, read_tasks


def ticket_page(
    request: PageRequest, ticket: TicketInstance, comment_form: CommentForm | None = None
) -> dict[str, Any]:
    """Return the context of the page. `ticket` is as `read_ticket` returns it."""
    run = ticket.workflow_instance
    tasks = read_tasks(run, only_last_done=True)
    return {
        **shared_page(request, ticket, tasks, comment_form),
        "stages": build_stages(load_plan(run.workflow_id), ticket, tasks),
        "actions": _actions(request.user, ticket, tasks),
        **_data(ticket, load_fields(run.workflow)),
    }


def shared_page(
    request: PageRequest,
    ticket: TicketInstance,
    tasks: Sequence[TaskInstance],
    comment_form: CommentForm | None,
    *,
    links_calls: bool = False,
) -> dict[str, Any]:
    """Return the context shared with the page for the ticket's admins; `tasks` has all unfinished tasks."""
    run, reader = ticket.workflow_instance, request.user
    fields = load_fields(run.workflow)
    # Conditions reveal amounts and reasons that are not meant for everybody who sees the ticket.
    sees_rules = may_see_conditions(reader, run.workflow)
    reads_internal = may_read_internal(reader, ticket)
    end = reached_end(run)
    return {
        "ticket": ticket,
        "definition": ticket.ticket_definition,
        "run": run,
        "submitter": actor_name(ticket.created_by, ticket.impersonator_id),
        "enterer": enterer_name(ticket),
        "links": links_of(ticket, reader=reader) if has(ticket, "links") else [],
        "held": held_entries([ticket]).get(ticket.pk),
        "state_sentence": state_sentence(
            run,
            [task for task in tasks if not task.is_finished],
            reader=reader,
            ended_as=end.title if end else "",
            links_calls=links_calls,
            explains=sees_rules,
        ),
        "end": end,
        "result": _result(ticket, end, fields) if end else [],
        "files": _files(ticket, reads_internal=reads_internal) if has(ticket, "files") else [],
        "timeline": timeline_page(
            ticket,
            fields=fields,
            before=request.GET.get("before", ""),
            reader=reader,
            explains=sees_rules,
            reads_internal=reads_internal,
        ),
        "comment_form": comment_form or new_comment_form(ticket, by=reader, reads_internal=reads_internal),
        "following": following(ticket, reader),
        "step_url": step_url(ticket, run.step) if sees_rules and run.step else "",
        "history_url": reverse("manage_ticket_history", args=[ticket.number]) if sees_rules else "",
    }


def path_page(ticket: TicketInstance, reader: CustomUser) -> dict[str, Any]:
    """Return the context of the picture's page, with links if the reader may see the conditions."""
    from workflow_ops.history.pictures import draw_ticket_now  # imported here because few people open it

    run = ticket.workflow_instance
    administers = may_administer_workflow(reader, run.workflow)
    plan, sees_rules = load_plan(run.workflow_id), may_see_conditions(reader, run.workflow)
    picture = draw_ticket_now(ticket, reader=reader)
    return {
        "ticket": ticket,
        "picture": picture.linked(why_links(ticket, plan, run.step)) if sees_rules else picture,
        "has_links": sees_rules and run.step > 0,
        "title": run.workflow.title if administers else ticket.ticket_definition.title,
        "ticket_page": "manage_ticket" if administers else "ticket_detail",
    }


def _data(ticket: TicketInstance, fields: Fields) -> dict[str, list[Block]]:
    """Return the submitted data, and the workspace data that is new or has changed since."""
    run, definition = ticket.workflow_instance, ticket.ticket_definition
    names = names_in(fields, ticket, ticket.ticket_data, run.data)
    since = {name for name in fields if run.data.get(name) != ticket.ticket_data.get(name)}
    submitted = {
        **{name: value for name, value in run.data.items() if name not in definition.fields},
        **ticket.ticket_data,
    }
    layout, now_layout = definition.display_layout, run.workflow.display_layout
    return {
        "submitted": build_read_view(
            submitted, fields=fields, names=names, layout=layout, only=definition.fields
        ),
        "now": build_read_view(run.data, fields=fields, names=names, layout=now_layout, narrowed_to=since),
    }


def _result(ticket: TicketInstance, end: WorkflowCompletion, fields: Fields) -> list[Block]:
    """Return the data that the completion's layout shows; nothing without a layout."""
    if not end.display_layout:
        return []
    data = ticket.workflow_instance.data
    names = names_in(fields, ticket, data)
    return build_read_view(data, fields=fields, names=names, layout=end.display_layout)


def _files(ticket: TicketInstance, *, reads_internal: bool) -> list[dict[str, Any]]:
    files = FileUpload.objects.filter(ticket=ticket).select_related("uploaded_by").order_by("pk")
    files = files if reads_internal else without_internal(files)
    return [
        {
            "name": file.filename,
            "url": reverse("file_download", args=[file.pk]),
            "size": file.size,
            "at": file.uploaded_at,
            "who": file.uploaded_by.get_full_name() if file.uploaded_by else "",
        }
        for file in files
    ]


def _actions(
    person: CustomUser, ticket: TicketInstance, tasks: Sequence[TaskInstance]
) -> list[dict[str, Any]]:
    actions = []
    mine = (task for task in tasks if not task.is_finished and task.assigned_to_id == person.pk)
    my_task = next(mine, None)
    if my_task is not None and ticket.workflow_instance.status == RunStatus.IN_PROGRESS:
        label = _("Your task: %(task)s") % {"task": my_task.task_definition.title}
        url = reverse("task_detail", args=[my_task.pk])
        actions.append({"label": label, "url": url, "is_primary": True, "is_wide_only": True})
    if not submitted(person, ticket):
        return actions
    if not reason_against_correction(ticket.workflow_instance, tasks):
        url = reverse("ticket_correct", args=[ticket.number])
        actions.append({"label": _("Correct"), "url": url, "icon": "pencil-square"})
    actions.append({"label": _("Submit again"), "url": reverse("ticket_again", args=[ticket.number])})
    if not ticket.workflow_instance.is_final:
        url = reverse("ticket_withdraw", args=[ticket.number])
        actions.append({"label": _("Withdraw"), "url": url})
    return actions


PAGE_SIZE = 40


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page for `workflow_ops/includes/timeline.html`; `older` is the value of `?before=`, or None."""

    entries: list[TimelineEntry]
    older: int | None
    is_newest: bool


def timeline_page(
    ticket: TicketInstance,
    *,
    fields: Fields,
    reader: CustomUser,
    before: str = "",
    size: int = PAGE_SIZE,
    explains: bool = True,
    reads_internal: bool = False,
) -> TimelinePage:
    """Return a page of the timeline; with `explains`, including decisions, errors and links to tickets.

    An invalid `before` is ignored.

    This takes at most seven statements, and one each for people and files that conditions read.
    """
    beyond = parse_number(before)
    # Read one more, to know whether there is an older page.
    events = read_events(
        ticket, explains=explains, reads_internal=reads_internal, before=beyond, most=size + 1
    )
    page = events[:size]
    if not explains:
        for event in page:
            event.details.pop("problem", None)  # why nobody was assigned
    steps = read_steps_of(page, ticket.workflow_instance) if explains else []
    evaluations = (evaluation for step in steps for evaluation in step.looks)
    vocabulary = vocabulary_for(evaluations, fields=fields, ticket=ticket)
    comments = [event.comment for event in page if event.comment is not None]
    said = show_comments(comments, reader=reader, ticket=ticket)
    return TimelinePage(
        entries=build_entries(
            page,
            steps=steps,
            vocabulary=vocabulary,
            ticket=ticket,
            said=said,
        ),
        older=page[-1].pk if len(events) > size else None,
        is_newest=beyond is None,
    )
