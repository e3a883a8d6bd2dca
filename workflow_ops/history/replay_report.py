"""The replay of the last finished tickets of a workflow on one of its versions."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ticketflower.read_only import forbid_writes
from users.models import CustomUser
from workflow_design.compare.difference import same_parts
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import Kind, WorkflowFile
from workflow_design.engine import Write
from workflow_design.engine.plan import build_plan
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_ops.access import visible_tickets
from workflow_ops.history.past_runs import OtherVersion, PastRun, PastStep, ReplayResult, Verdict
from workflow_ops.models import CompletionInstance, TicketInstance, WorkflowData, WorkflowInstance
from workflow_ops.models.runs import FINAL_STATUSES

MAX_TICKETS: Final = 200
MAX_STEPS: Final = 5_000
"""The maximum number of steps in a report; longer tickets reduce the number of tickets."""
MAX_VERSIONS: Final = 20

_TONES: Final = {
    Verdict.SAME: "success",
    Verdict.OTHER_TASKS: "warning",
    Verdict.OTHER_END: "danger",
    Verdict.NOT_REPLAYABLE: "neutral",
}


@dataclass(frozen=True, slots=True)
class TicketReference:
    """The number of a ticket, and whether the reader may open it."""

    number: int
    is_visible: bool


@dataclass(frozen=True, slots=True)
class ReplayGroup:
    """Tickets with the same result, the newest first."""

    replayed: ReplayResult
    tickets: tuple[TicketReference, ...]

    @property
    def tone(self) -> str:
        """The tone of the badge, which shows how serious the difference is."""
        return _TONES[self.replayed.verdict]


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """The results of all replayed tickets."""

    counts: Mapping[Verdict, int]
    different: tuple[ReplayGroup, ...]
    """Tickets with another result or without one, the largest groups first."""
    same: tuple[TicketReference, ...] = ()
    """Tickets with the same result, the newest first."""

    @property
    def total(self) -> int:
        """The number of replayed tickets."""
        return sum(self.counts.values())

    @property
    def different_total(self) -> int:
        """The number of tickets with another result or without one."""
        return self.total - self.counts.get(Verdict.SAME, 0)


def active_before(workflow: WorkflowDefinition) -> WorkflowDefinition | None:
    """Return the active version of the workflow, or None if `workflow` is that version."""
    return workflow.line.versions.active().exclude(pk=workflow.pk).first()


def replay_report(
    workflow: WorkflowDefinition,
    *,
    before: WorkflowDefinition | None,
    reader: CustomUser,
    most_tickets: int = MAX_TICKETS,
    most_steps: int = MAX_STEPS,
) -> ReplayReport:
    """Replay the last finished tickets of all versions on `workflow`, without storing anything.

    Parts that were renamed since the version `before` are matched by their new titles. The number of
    statements is constant. Raise SchemaError if the fields of a draft are invalid.

    Effects: the transaction is read-only from here on.
    """
    forbid_writes()  # so that a replay can't change real tickets
    file = export_workflow(workflow)
    version = OtherVersion(
        build_plan(file),
        data_validator(file.fields_schema),
        _titles(export_workflow(before) if before else file, file),
    )
    tickets = _last_finished(workflow, most_tickets, most_steps)
    steps, ends = _steps(tickets), _ends(tickets)
    replayed = []
    for ticket in tickets:
        key, status = ticket.workflow_instance_id, ticket.workflow_instance.status
        replayed.append((ticket, version.replay(PastRun(steps[key], status, ends.get(key, "")))))
    groups = _group(replayed, _visible(reader, tickets))
    return ReplayReport(
        counts=Counter(result.verdict for _ticket, result in replayed),
        different=tuple(group for group in groups if group.replayed.verdict is not Verdict.SAME),
        same=next((group.tickets for group in groups if group.replayed.verdict is Verdict.SAME), ()),
    )


def _group(
    replayed: Sequence[tuple[TicketInstance, ReplayResult]], visible: Collection[int]
) -> tuple[ReplayGroup, ...]:
    groups: dict[ReplayResult, list[TicketReference]] = defaultdict(list)
    for ticket, result in replayed:
        groups[result].append(TicketReference(ticket.number, ticket.pk in visible))
    found = [ReplayGroup(result, tuple(tickets)) for result, tickets in groups.items()]
    return tuple(sorted(found, key=lambda group: -len(group.tickets)))


def _titles(before: WorkflowFile, file: WorkflowFile) -> dict[tuple[Kind, str], str]:
    """Return the current titles of parts by their current and earlier titles, in lower case."""
    titles = {}
    for kind in Kind:
        old, new = getattr(before, kind.members), getattr(file, kind.members)
        titles.update({(kind, part.title.casefold()): part.title for part in new})
        titles.update({(kind, old[i].title.casefold()): new[j].title for i, j in same_parts(old, new)})
    return titles


def _last_finished(workflow: WorkflowDefinition, most_tickets: int, most_steps: int) -> list[TicketInstance]:
    """Return the newest finished tickets, up to `most_steps` steps in total."""
    read = ("number", "workflow_instance__status", "workflow_instance__step", "workflow_instance__ended_at")
    rows = TicketInstance.objects.filter(workflow_instance__in=_newest_ended(workflow, most_tickets))
    newest = rows.select_related("workflow_instance").only(*read)
    newest = newest.order_by("-workflow_instance__ended_at", "-pk")[:most_tickets]
    tickets, steps = [], 0
    for ticket in newest:
        steps += ticket.workflow_instance.step
        # The newest tickets are the most relevant, so older ones are dropped.
        if steps > most_steps:
            break
        tickets.append(ticket)
    return tickets


def _newest_ended(workflow: WorkflowDefinition, most: int) -> list[int]:
    """Return the newest finished workflows of each version.

    One subquery per version lets PostgreSQL use an index, instead of sorting all finished workflows.
    """
    versions = workflow.line.versions.order_by("-version").values_list("pk", flat=True)[:MAX_VERSIONS]
    newest = [
        WorkflowInstance.objects.filter(workflow=version, ended_at__isnull=False)
        .order_by("-ended_at")
        .values_list("pk", flat=True)[:most]
        for version in versions
    ]
    return list(newest[0].union(*newest[1:], all=True))


def _ends(tickets: Sequence[TicketInstance]) -> dict[int, str]:
    """Return the title of the completion that ended each workflow; those ended by a person have none."""
    reached = CompletionInstance.objects.filter(
        workflow_instance__in=[ticket.workflow_instance_id for ticket in tickets],
        completion__completion_status__in=FINAL_STATUSES,
    )
    return dict(reached.values_list("workflow_instance_id", "completion__title"))


def _steps(tickets: Sequence[TicketInstance]) -> dict[int, list[PastStep]]:
    """Return the steps of each workflow, in order."""
    rows = (
        WorkflowData.objects.filter(workflow_instance__in=[ticket.workflow_instance_id for ticket in tickets])
        .order_by("workflow_instance", "step")
        .values_list(
            "workflow_instance_id",
            "source",
            "ticket__ticket_definition__title",
            "task__task_definition__title",
            "write__content",
            "looks",
        )
    )
    steps: dict[int, list[PastStep]] = defaultdict(list)
    for run_id, source, ticket, task, content, evaluations in rows:
        steps[run_id].append(_step(source, ticket or task or "", content, evaluations))
    return steps


def _step(source: str, title: str, content: Mapping[str, Any], evaluations: Sequence[Any]) -> PastStep:
    if source == "ticket" and content["source"] == "edit":  # the submitter's own correction
        source, title = "edit", ""
    return PastStep(
        source=source,
        title="" if source in ("edit", "correct", "resume") else title,
        write=Write.from_json(content),
        started=frozenset(
            evaluation["title"] for evaluation in evaluations if evaluation["outcome"] == "started"
        ),
        reached=next(
            (evaluation["title"] for evaluation in evaluations if evaluation["outcome"] == "reached"), ""
        ),
    )


def _visible(reader: CustomUser, tickets: Sequence[TicketInstance]) -> set[int]:
    keys = [ticket.pk for ticket in tickets]
    return set(visible_tickets(reader).filter(pk__in=keys).values_list("pk", flat=True))
