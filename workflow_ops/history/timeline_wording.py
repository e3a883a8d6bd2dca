"""The timeline of a ticket as sentences: rows become texts, without a statement.

An event's `details` may contain these optional members: `reason` (why a person held, cancelled or
withdrew the ticket, or gave a task back; the note of an assignment), `message` (of an error), `until` (the
day on which a hold ends) with `resumes_by_itself`, `fields` (names of edited or corrected fields),
`completion` (title of the completion that ended or held it), `status` (the new status of the workflow),
`too_late` (it came after the end and changed nothing), `waits_for_action` (another system executes the
task), `problem` (why nobody was assigned), `link` (how another ticket is linked), `since` (when an overdue
task was due), `mentioned` (the ids of people newly mentioned by an edit of a comment), `is_made_public` (by
that edit), `token` (the name of a program's token), `prepared_with` (the token of the program that had
prepared a confirmed answer), `differs` (the fields that were changed then), `is_last` (it can't be sent back
again).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from users.models import CustomUser
from workflow_design.models import TaskType
from workflow_design.wording.rules import Vocabulary
from workflow_ops.history.names import with_token
from workflow_ops.history.reasons import Reasons, StepLink
from workflow_ops.history.timeline_additions import ADDITIONS
from workflow_ops.models import TicketInstance, TimelineEvent, TimelineKind, WorkflowData

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of a timeline, for `components/timeline.html`."""

    at: datetime
    icon: str
    text: str
    who: str = ""
    tone: str = "neutral"
    comment: str = ""
    said: object = None
    """The comment that was written, as `workflow_ops/comments/showing.py` shows it."""
    why: list[str] = field(default_factory=list)
    step: StepLink | None = None
    """The step to which it belongs, for readers who may see decisions."""
    is_only_progress: bool = False
    """True if the entry is about progress, not about a decision; such entries are not printed."""


_ICONS: Final = {
    TimelineKind.SUBMITTED: ("paper-airplane", "info"),
    TimelineKind.TASK_STARTED: ("play-circle", "info"),
    TimelineKind.TASK_REFRESHED: ("arrow-path", "info"),
    TimelineKind.TASK_ASSIGNED: ("user", "neutral"),
    TimelineKind.TASK_TAKEN: ("hand-raised", "neutral"),
    TimelineKind.TASK_GIVEN_BACK: ("arrow-uturn-left", "neutral"),
    TimelineKind.TASK_RESTRICTED: ("users", "neutral"),
    TimelineKind.TASK_PREPARED: ("cpu-chip", "info"),
    TimelineKind.TASK_SENT_BACK: ("arrow-uturn-left", "warning"),
    TimelineKind.DRAFT_DROPPED: ("x-circle", "neutral"),
    TimelineKind.TASK_COMPLETED: ("check-circle", "success"),
    TimelineKind.TASK_CANCELLED: ("x-circle", "neutral"),
    TimelineKind.DATA_EDITED: ("pencil-square", "info"),
    TimelineKind.DATA_CORRECTED: ("pencil-square", "neutral"),
    TimelineKind.TICKET_CORRECTED: ("pencil-square", "info"),
    TimelineKind.HELD: ("pause-circle", "warning"),
    TimelineKind.RESUMED: ("play-circle", "info"),
    TimelineKind.ENDED: ("flag", "success"),
    TimelineKind.CANCELLED: ("x-circle", "neutral"),
    TimelineKind.WITHDRAWN: ("arrow-uturn-left", "neutral"),
    TimelineKind.ERROR: ("exclamation-triangle", "danger"),
    TimelineKind.RETRIED: ("arrow-path", "info"),
    TimelineKind.RESPONSIBLE: ("user", "neutral"),
    TimelineKind.LINKED: ("link", "neutral"),
    TimelineKind.UNLINKED: ("link-slash", "neutral"),
    TimelineKind.COMMENTED: ("chat-bubble-left", "neutral"),
    TimelineKind.COMMENT_EDITED: ("pencil-square", "neutral"),
    TimelineKind.OVERDUE: ("clock", "danger"),
}
"""The icon and tone of each kind of event."""
_ONLY_PROGRESS: Final = (
    TimelineKind.TASK_STARTED,
    TimelineKind.TASK_REFRESHED,
    TimelineKind.TASK_ASSIGNED,
    TimelineKind.TASK_TAKEN,
    TimelineKind.TASK_GIVEN_BACK,
    TimelineKind.TASK_RESTRICTED,
    TimelineKind.TASK_PREPARED,
    TimelineKind.TASK_SENT_BACK,
    TimelineKind.DRAFT_DROPPED,
    TimelineKind.ERROR,
    TimelineKind.RETRIED,
    TimelineKind.RESPONSIBLE,
    TimelineKind.LINKED,
    TimelineKind.UNLINKED,
    TimelineKind.OVERDUE,
)
"""Kinds of events about assignments and obstacles, which a printed ticket leaves out."""
_SENTENCES: Final = {
    TimelineKind.SUBMITTED: (_("submitted the ticket"), _("The ticket was submitted")),
    TimelineKind.TASK_STARTED: (_("started %(task)s"), _("%(task)s started")),
    TimelineKind.TASK_REFRESHED: (_("changed the input of %(task)s"), _("The input of %(task)s changed")),
    TimelineKind.TASK_ASSIGNED: (
        _("assigned %(task)s to %(about)s"),
        _("%(task)s was assigned to %(about)s"),
    ),
    TimelineKind.TASK_TAKEN: (_("took %(task)s"), _("%(task)s was taken")),
    TimelineKind.TASK_GIVEN_BACK: (_("gave %(task)s back"), _("%(task)s was given back")),
    TimelineKind.TASK_RESTRICTED: (_("changed who may do %(task)s"), _("Who may do %(task)s was changed")),
    TimelineKind.TASK_PREPARED: (_("prepared %(task)s"), _("%(task)s was prepared")),
    TimelineKind.TASK_SENT_BACK: (_("sent %(task)s back to %(about)s"), _("%(task)s was sent back")),
    TimelineKind.DRAFT_DROPPED: (
        _("dropped what %(about)s had prepared for %(task)s"),
        _("What %(about)s had prepared for %(task)s was dropped, since its input changed"),
    ),
    TimelineKind.TASK_COMPLETED: (_("completed %(task)s"), _("%(task)s was completed")),
    TimelineKind.TASK_CANCELLED: (_("cancelled %(task)s"), _("%(task)s was cancelled")),
    TimelineKind.DATA_EDITED: (_("edited the data"), _("Written by the clock")),
    TimelineKind.DATA_CORRECTED: (_("corrected the data"), _("The data was corrected")),
    TimelineKind.TICKET_CORRECTED: (_("corrected what was submitted"), _("Corrected by the submitter")),
    TimelineKind.HELD: (_("put the ticket on hold"), _("The ticket was put on hold")),
    TimelineKind.RESUMED: (_("resumed the ticket"), _("Resumed by itself")),
    TimelineKind.ENDED: (_("ended the ticket"), _("The ticket ended")),
    TimelineKind.CANCELLED: (_("cancelled the ticket"), _("The ticket was cancelled")),
    TimelineKind.WITHDRAWN: (_("withdrew the ticket"), _("The ticket was withdrawn")),
    TimelineKind.ERROR: (_("got an error"), _("Something went wrong")),
    TimelineKind.RETRIED: (_("retried what had failed"), _("What had failed was retried")),
    TimelineKind.RESPONSIBLE: (_("made %(about)s responsible"), _("%(about)s is responsible now")),
    TimelineKind.LINKED: (_("linked the ticket"), _("The ticket was linked")),
    TimelineKind.UNLINKED: (_("removed the link"), _("The link was removed")),
    TimelineKind.COMMENTED: (_("commented"), _("A comment")),
    TimelineKind.COMMENT_EDITED: (_("edited a comment"), _("A comment was edited")),
    TimelineKind.OVERDUE: (_("found %(task)s overdue"), _("%(task)s is overdue")),
}
"""For each kind, the text after the name of a person, and the sentence if there is no person."""
_SENTENCES_OF_ACTIONS: Final = {
    TimelineKind.TASK_COMPLETED: (_("completed %(task)s by hand"), _("%(task)s was completed")),
    TimelineKind.ERROR: (_("got an error"), _("%(task)s failed")),
    TimelineKind.RETRIED: (_("had %(task)s tried again"), _("%(task)s was tried again")),
}
"""The same for events about actions."""
FOLLOWING_KINDS: Final = (TimelineKind.TASK_STARTED, TimelineKind.ENDED, TimelineKind.HELD)


def task_name(title: str, run: int) -> str:
    """Return the name of a task: “Decide” or, from its second run on, “Decide” #2."""
    return (
        gettext("“%(title)s”") % {"title": title}
        if run == 1
        else gettext("“%(title)s” #%(run)d") % {"title": title, "run": run}
    )


def actor_name(person: CustomUser | None, impersonator_id: int | None) -> str:
    """Return the name of the actor, or "" if the system acted by itself."""
    if person is not None:
        return person.get_full_name()
    # The company does not learn which member of staff acted in its name.
    return "" if impersonator_id is None else gettext("TicketFlower staff")


def enterer_name(ticket: TicketInstance) -> str:
    """Return the name of whoever submitted the ticket for its requester, or "" if that was the requester."""
    return actor_name(ticket.entered_by, ticket.impersonator_id if ticket.created_by_id else None)


def describe_following(
    events: "QuerySet[TimelineEvent]",
    vocabulary: Vocabulary,
    *,
    kinds: Collection[TimelineKind] = FOLLOWING_KINDS,
) -> list[str]:
    """Return sentences about what started, ended or was put on hold among these events, newest first."""
    loaded = events.filter(kind__in=kinds).select_related("task__task_definition", "about")
    return [entry.text for entry in build_entries(loaded, steps=(), vocabulary=vocabulary)]


def build_entries(
    events: Iterable[TimelineEvent],
    *,
    steps: Iterable[WorkflowData],
    vocabulary: Vocabulary,
    ticket: TicketInstance | None = None,
    said: Mapping[int, object] | None = None,
) -> list[TimelineEntry]:
    """Return the timeline, newest first. `steps` are those whose decisions may explain the events.

    If `ticket` is given, entries link to their steps. `said` maps the ids of comments to their rendered form.
    The events' task with its definition, person and `about` must be selected. Decisions are listed at their
    cause.
    """
    reasons = Reasons(steps, vocabulary, ticket)
    build = partial(build_entry, vocabulary=vocabulary, reasons=reasons)
    newest_first = sorted(events, key=lambda event: event.pk, reverse=True)
    return [build(event, said=(said or {}).get(event.comment_id or 0)) for event in newest_first]


def build_entry(
    event: TimelineEvent, *, vocabulary: Vocabulary, reasons: Reasons | None = None, said: object = None
) -> TimelineEntry:
    """Return one event as an entry. Its task with the definition, person and `about` must be selected."""
    kind = TimelineKind(event.kind)
    icon, tone = _ICONS[kind]
    if kind is TimelineKind.ENDED and event.details.get("status") == "CANCELLED":
        tone = "neutral"
    by, alone = (_SENTENCES_OF_ACTIONS if _is_about_action(event) else _SENTENCES).get(kind, _SENTENCES[kind])
    who = with_token(actor_name(event.person, event.impersonator_id), event.details.get("token", ""))
    return TimelineEntry(
        at=event.created_at,
        icon=icon,
        tone=tone,
        who=who,
        text=_sentence(event, by if who else alone, vocabulary),
        comment=str(event.details.get("reason") or event.details.get("message") or ""),
        said=said,
        why=reasons.of(event) if reasons else [],
        step=reasons.step_of(event) if reasons else None,
        is_only_progress=kind in _ONLY_PROGRESS,
    )


def _is_about_action(event: TimelineEvent) -> bool:
    return event.task is not None and event.task.task_definition.task_type != TaskType.FORM


def _sentence(event: TimelineEvent, pattern: "StrPromise", vocabulary: Vocabulary) -> str:
    about = event.about.get_full_name() if event.about else ""
    if event.kind == TimelineKind.TASK_COMPLETED and about:
        is_person = event.person_id or event.impersonator_id
        pattern = _("confirmed %(task)s") if is_person else _("%(task)s was confirmed")
    if event.kind == TimelineKind.TASK_ASSIGNED and not about:
        pattern = _("unassigned %(task)s") if event.person_id else _("%(task)s is unassigned now")
    if event.kind == TimelineKind.RESPONSIBLE and about and event.about_id == event.person_id:
        pattern = _("became responsible")
    if event.kind == TimelineKind.RESPONSIBLE and not about:
        pattern = _("made nobody responsible") if event.person_id else _("Nobody is responsible now")
    task = task_name(event.task.task_definition.title, event.task.run) if event.task else gettext("a task")
    text = str(pattern) % {"task": task, "about": about}
    add = ADDITIONS.get(TimelineKind(event.kind))
    addition = add(event.details, about, vocabulary) if add else ""
    late = gettext(", after the end, so nothing changed") if event.details.get("too_late") else ""
    return f"{text}{addition}{late}"
