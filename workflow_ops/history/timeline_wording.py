"""The timeline of a ticket as sentences: rows become texts, without a statement.

An event's `details` may contain these optional members: `reason` (why a person held, cancelled or
withdrew the ticket), `message` (of an error), `fields` (names of edited fields), `completion` (title
of the completion that ended or held it), `status` (the new status of the workflow), `too_late` (the
event came after the end and changed nothing), `waits_for_action` (another system executes the task).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from users.models import CustomUser
from workflow_design.wording.decisions import explain_evaluation
from workflow_design.wording.rules import Vocabulary, join_words
from workflow_ops.models import Comment, TaskInstance, TimelineEvent, TimelineKind, WorkflowData, WriteSource

Evaluations = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of a timeline, for `components/timeline.html`."""

    at: datetime
    icon: str
    text: str
    who: str = ""
    tone: str = "neutral"
    comment: str = ""
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Style:
    """The icon, tone and text of a kind of event; `by` follows the name of a person, `alone` has none."""

    icon: str
    tone: str
    by: str
    alone: str


_STYLES: Final = {
    TimelineKind.SUBMITTED: _Style(
        "paper-airplane",
        "info",
        gettext_noop("submitted the ticket"),
        gettext_noop("The ticket was submitted"),
    ),
    TimelineKind.TASK_STARTED: _Style(
        "play-circle", "info", gettext_noop("started %(task)s"), gettext_noop("%(task)s started")
    ),
    TimelineKind.TASK_REFRESHED: _Style(
        "arrow-path",
        "info",
        gettext_noop("changed the input of %(task)s"),
        gettext_noop("The input of %(task)s changed"),
    ),
    TimelineKind.TASK_ASSIGNED: _Style(
        "user",
        "neutral",
        gettext_noop("assigned %(task)s to %(about)s"),
        gettext_noop("%(task)s was assigned to %(about)s"),
    ),
    TimelineKind.TASK_TAKEN: _Style(
        "hand-raised", "neutral", gettext_noop("took %(task)s"), gettext_noop("%(task)s was taken")
    ),
    TimelineKind.TASK_GIVEN_BACK: _Style(
        "arrow-uturn-left",
        "neutral",
        gettext_noop("gave %(task)s back"),
        gettext_noop("%(task)s was given back"),
    ),
    TimelineKind.TASK_COMPLETED: _Style(
        "check-circle", "success", gettext_noop("completed %(task)s"), gettext_noop("%(task)s was completed")
    ),
    TimelineKind.TASK_CANCELLED: _Style(
        "x-circle", "neutral", gettext_noop("cancelled %(task)s"), gettext_noop("%(task)s was cancelled")
    ),
    TimelineKind.DATA_EDITED: _Style(
        "pencil-square", "info", gettext_noop("edited the data"), gettext_noop("The data was edited")
    ),
    TimelineKind.HELD: _Style(
        "pause-circle",
        "warning",
        gettext_noop("put the ticket on hold"),
        gettext_noop("The ticket was put on hold"),
    ),
    TimelineKind.RESUMED: _Style(
        "play-circle", "info", gettext_noop("resumed the ticket"), gettext_noop("The ticket was resumed")
    ),
    TimelineKind.ENDED: _Style(
        "flag", "success", gettext_noop("ended the ticket"), gettext_noop("The ticket ended")
    ),
    TimelineKind.CANCELLED: _Style(
        "x-circle", "neutral", gettext_noop("cancelled the ticket"), gettext_noop("The ticket was cancelled")
    ),
    TimelineKind.WITHDRAWN: _Style(
        "arrow-uturn-left",
        "neutral",
        gettext_noop("withdrew the ticket"),
        gettext_noop("The ticket was withdrawn"),
    ),
    TimelineKind.ERROR: _Style(
        "exclamation-triangle",
        "danger",
        gettext_noop("got an error"),
        gettext_noop("Something went wrong"),
    ),
    TimelineKind.RETRIED: _Style(
        "arrow-path",
        "info",
        gettext_noop("retried what had failed"),
        gettext_noop("What had failed was retried"),
    ),
}
_EXPLAIN_THEMSELVES: Final = frozenset(
    {TimelineKind.TASK_STARTED, TimelineKind.TASK_REFRESHED, TimelineKind.HELD, TimelineKind.ENDED}
)


def task_name(title: str, run: int) -> str:
    """Return the name of a task of a ticket: “Decide”, and from its second run on “Decide” #2."""
    return (
        _("“%(title)s”") % {"title": title}
        if run == 1
        else _("“%(title)s” #%(run)d") % {"title": title, "run": run}
    )


def actor_name(person: CustomUser | None, impersonator_id: int | None) -> str:
    """Return the name of the actor, or "" if the system acted by itself."""
    # The company does not learn which member of staff acted in its name.
    if impersonator_id is not None:
        return _("TicketFlower staff")
    return "" if person is None else person.get_full_name()


def build_entries(
    events: Iterable[TimelineEvent],
    comments: Iterable[Comment],
    *,
    steps: Iterable[WorkflowData],
    vocabulary: Vocabulary,
) -> list[TimelineEntry]:
    """Return the timeline, newest first. `steps` are those whose decisions may explain the events.

    The caller must have selected the events' task with its definition, their person and `about`. The
    decisions of a step are listed once, at the event that caused them.
    """
    reasons = _Reasons(steps, vocabulary)
    # The same order as in `timeline_page`: by time, then comments before events, then by id.
    keyed = [((event.created_at, 0, event.pk), _build_entry(event, reasons, vocabulary)) for event in events]
    keyed += [((comment.created_at, 1, comment.pk), _build_comment_entry(comment)) for comment in comments]
    return [entry for _key, entry in sorted(keyed, key=lambda pair: pair[0], reverse=True)]


def _build_entry(event: TimelineEvent, reasons: "_Reasons", vocabulary: Vocabulary) -> TimelineEntry:
    kind = TimelineKind(event.kind)
    style = _STYLES[kind]
    who = actor_name(event.person, event.impersonator_id)
    return TimelineEntry(
        at=event.created_at,
        icon=style.icon,
        tone=_tone(kind, event.details, style),
        who=who,
        text=_sentence(event, style.by if who else style.alone, vocabulary),
        comment=str(event.details.get("reason") or event.details.get("message") or ""),
        why=reasons.of(event),
    )


def _build_comment_entry(comment: Comment) -> TimelineEntry:
    who = actor_name(comment.created_by, comment.impersonator_id)
    return TimelineEntry(
        at=comment.created_at,
        icon="chat-bubble-left",
        who=who,
        text=_("commented") if who else _("A comment"),
        comment=comment.text,
    )


def _tone(kind: TimelineKind, details: Mapping[str, Any], style: _Style) -> str:
    if kind is TimelineKind.ENDED and details.get("status") == "CANCELLED":
        return "neutral"
    return style.tone


def _sentence(event: TimelineEvent, pattern: str, vocabulary: Vocabulary) -> str:
    about = event.about.get_full_name() if event.about else ""
    if event.kind == TimelineKind.TASK_ASSIGNED and not about:
        pattern = (
            gettext_noop("unassigned %(task)s")
            if event.person_id
            else gettext_noop("%(task)s is unassigned now")
        )
    # The pattern was marked for translation with `gettext_noop` above.
    text = _(pattern) % {"task": _task_text(event.task), "about": about}
    addition = _ADDITIONS.get(TimelineKind(event.kind), _no_addition)(event.details, about, vocabulary)
    late = _(", after the end, so nothing changed") if event.details.get("too_late") else ""
    return f"{text}{addition}{late}"


def _task_text(task: TaskInstance | None) -> str:
    return _("a task") if task is None else task_name(task.task_definition.title, task.run)


def _no_addition(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    return ""


def _assignee_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    if details.get("waits_for_action"):
        return _(", and waits for another system")
    return _(", assigned to %(name)s") % {"name": about} if about else ""


def _edited_fields(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    titles = [vocabulary.title(str(name)) for name in details.get("fields") or ()]
    return _(": %(fields)s") % {"fields": join_words(titles, _("and"))} if titles else ""


def _completion_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    title = details.get("completion")
    return _(" as “%(completion)s”") % {"completion": title} if title else ""


_ADDITIONS: Final[dict[TimelineKind, Callable[[Mapping[str, Any], str, Vocabulary], str]]] = {
    TimelineKind.TASK_STARTED: _assignee_text,
    TimelineKind.DATA_EDITED: _edited_fields,
    TimelineKind.ENDED: _completion_text,
    TimelineKind.HELD: _completion_text,
}


class _Reasons:
    """The decisions of the steps, each of which explains one event.

    Events of started tasks and reached completions list their own evaluation. All evaluations of a
    step are listed at its source: the ticket, the completed task, the edit or the resume.
    """

    def __init__(self, steps: Iterable[WorkflowData], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._by_id: dict[int, Evaluations] = {}
        self._of_ticket: list[int] = []
        self._of_task: dict[int, list[int]] = {}
        for step in steps:
            self._by_id[step.pk] = step.looks
            if step.source == WriteSource.TICKET:
                self._of_ticket.append(step.pk)
            elif step.source == WriteSource.TASK and step.task_id is not None:
                self._of_task.setdefault(step.task_id, []).append(step.pk)

    def of(self, event: TimelineEvent) -> list[str]:
        """Return the reasons of an event as sentences; the list may be empty."""
        kind = TimelineKind(event.kind)
        looks = self._by_id.get(event.workflow_data_id or 0, ())
        if kind in _EXPLAIN_THEMSELVES:
            looks = [look for look in looks if _is_about(look, event)]
        elif kind is TimelineKind.SUBMITTED:
            looks = self._evaluations(self._of_ticket) or looks
        elif kind is TimelineKind.TASK_COMPLETED:
            looks = self._evaluations(self._of_task.get(event.task_id or 0, ())) or looks
        elif kind not in (
            TimelineKind.DATA_EDITED,
            TimelineKind.RESUMED,
            TimelineKind.RETRIED,
            TimelineKind.ERROR,
        ):
            looks = ()
        # Evaluations are stored without texts, so that each reader sees their language.
        return [explain_evaluation(look, self._vocabulary) for look in looks]

    def _evaluations(self, ids: Iterable[int]) -> Evaluations:
        return [evaluation for step_id in ids for evaluation in self._by_id[step_id]]


def _is_about(evaluation: Mapping[str, Any], event: TimelineEvent) -> bool:
    if event.kind in (TimelineKind.HELD, TimelineKind.ENDED):
        return bool(evaluation["kind"] == "completion" and evaluation["outcome"] == "reached")
    if event.task is None:
        return False
    return bool(evaluation["kind"] == "task" and evaluation["key"] == str(event.task.task_definition_id))
