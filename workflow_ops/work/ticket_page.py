"""The context of a ticket's page, with one page of its timeline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.http import PageRequest
from users.models import CustomUser
from workflow_design.access import may_see_conditions
from workflow_design.definition.fields import Fields
from workflow_design.engine import Plan
from workflow_design.models import WorkflowCompletion
from workflow_design.persistence.plans import load_fields, load_plan
from workflow_design.workspace.reading import Block, build_read_view
from workflow_ops.access import submitted
from workflow_ops.comments.audience import may_read_internal, without_internal
from workflow_ops.comments.following import following
from workflow_ops.comments.forms import CommentForm
from workflow_ops.comments.showing import show_comments
from workflow_ops.history.links import links_of
from workflow_ops.history.names import names_in, reached_end, vocabulary_for, with_problem
from workflow_ops.history.pictures import draw_ticket, states_now
from workflow_ops.history.remarks import held_entries
from workflow_ops.history.stages import build_stages
from workflow_ops.history.standing import standing
from workflow_ops.history.steps import step_url, why_links
from workflow_ops.history.timeline_wording import TimelineEntry, actor_name, build_entries, enterer_name
from workflow_ops.models import (
    FileUpload,
    RunStatus,
    TaskInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WorkflowData,
)
from workflow_ops.work.corrections import reason_against_correction

MAX_FINISHED = 30


def ticket_page(
    request: PageRequest,
    ticket: TicketInstance,
    comment_form: CommentForm | None = None,
    *,
    links_calls: bool = False,
) -> dict[str, Any]:
    """Return the context of the page. `ticket` must have its workflow, definition and submitter loaded."""
    run, reader = ticket.workflow_instance, request.user
    plan, fields, tasks = load_plan(run.workflow_id), load_fields(run.workflow), _tasks(ticket)
    unfinished = [task for task in tasks if not task.is_finished]
    # Conditions tell amounts and reasons that are not meant for everybody who sees the ticket.
    sees_rules = may_see_conditions(reader, run.workflow)
    reads_internal = may_read_internal(reader, ticket)
    return {
        "ticket": ticket,
        "definition": ticket.ticket_definition,
        "run": run,
        "submitter": actor_name(ticket.created_by, ticket.impersonator_id),
        "enterer": enterer_name(ticket),
        "links": links_of(ticket, reader=reader),
        "held": held_entries([ticket]).get(ticket.pk),
        "stages": build_stages(plan, ticket, tasks),
        "unfinished": unfinished,
        "finished": [task for task in reversed(tasks) if task.is_finished][:MAX_FINISHED],
        "files": _files(ticket, reads_internal=reads_internal),
        "timeline": timeline_page(
            ticket,
            fields=fields,
            before=request.GET.get("before", ""),
            reader=reader,
            explains=sees_rules,
            reads_internal=reads_internal,
        ),
        "comment_form": comment_form or CommentForm(ticket, by=reader, reads_internal=reads_internal),
        "following": following(ticket, reader),
        "actions": _actions(reader, ticket, tasks),
        **_state(ticket, unfinished, fields, reader=reader, links_calls=links_calls),
        **_data(ticket, fields),
        **_path(ticket, plan, tasks, sees_rules=sees_rules),
    }


def _state(
    ticket: TicketInstance,
    unfinished: Sequence[TaskInstance],
    fields: Fields,
    *,
    reader: CustomUser,
    links_calls: bool,
) -> dict[str, Any]:
    """Return where the ticket stands, and the completion that ended it, with its result."""
    run = ticket.workflow_instance
    end = reached_end(run)
    title = end.title if end else ""
    return {
        "standing": standing(run, unfinished, reader=reader, ended_as=title, links_calls=links_calls),
        "end": end,
        "result": _result(ticket, end, fields) if end else [],
    }


def _path(
    ticket: TicketInstance, plan: Plan, tasks: Iterable[TaskInstance], *, sees_rules: bool
) -> dict[str, Any]:
    """Return the picture, and the addresses of the steps for those who may see the conditions."""
    states, step = states_now(ticket, tasks), ticket.workflow_instance.step
    if not sees_rules:
        return {"picture": draw_ticket(ticket, plan, states, with_conditions=False)}
    return {
        "picture": draw_ticket(ticket, plan, states).linked(why_links(ticket, plan, step)),
        "step_url": step_url(ticket, step) if step else "",
        "history_url": reverse("manage_ticket_history", args=[ticket.number]),
    }


def _tasks(ticket: TicketInstance) -> list[TaskInstance]:
    """Return all tasks of the ticket, oldest first, with definition and people."""
    run = ticket.workflow_instance
    tasks = TaskInstance.objects.filter(workflow_instance=run.pk).defer("input_data", "output_data", "draft")
    people = ("task_definition", "assigned_to", "completed_by")
    found = list(with_problem(tasks).select_related(*people).order_by("created_at", "pk"))
    for task in found:
        task.workflow_instance = run
    return found


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
    """Return a page of the timeline; if it `explains`, with the decisions and links to other tickets.

    An invalid `before` is ignored.

    This takes at most seven statements, and one each for people and files that conditions read.
    """
    # A comment says itself that it was edited.
    rows = TimelineEvent.objects.filter(ticket=ticket).exclude(kind=TimelineKind.COMMENT_EDITED)
    if not explains:  # other tickets may be hidden from whoever does not administer this one
        rows = rows.exclude(kind__in=(TimelineKind.LINKED, TimelineKind.UNLINKED))
    if not reads_internal:
        rows = without_internal(rows)
    beyond = parse_number(before)
    if beyond is not None:
        rows = rows.filter(pk__lt=beyond)
    related = ("task__task_definition", "person", "about", "comment__created_by")
    # One more shows whether there is an older page.
    events = list(rows.select_related(*related).order_by("-pk")[: size + 1])
    page = events[:size]
    steps = list(_steps(ticket, page)) if explains else []
    evaluations = (evaluation for step in steps for evaluation in step.looks)
    vocabulary = vocabulary_for(evaluations, fields=fields, ticket=ticket)
    comments = [event.comment for event in page if event.comment is not None]
    said = show_comments(comments, reader=reader, ticket=ticket)
    return TimelinePage(
        entries=build_entries(page, steps=steps, vocabulary=vocabulary, said=said),
        older=page[-1].pk if len(events) > size else None,
        is_newest=beyond is None,
    )


def _steps(ticket: TicketInstance, events: list[TimelineEvent]) -> "QuerySet[WorkflowData]":
    """Return the steps whose decisions explain these events."""
    steps = WorkflowData.objects.filter(workflow_instance_id=ticket.workflow_instance_id)
    # Step 1 is the write of the ticket, which explains its submission.
    own = Q(pk__in={event.workflow_data_id for event in events if event.workflow_data_id})
    of_tasks = Q(task_id__in={event.task_id for event in events if event.task_id})
    return steps.filter(own | of_tasks | Q(step=1)).only("step", "source", "task_id", "looks")
