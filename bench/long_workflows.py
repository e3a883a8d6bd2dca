"""Tickets early and late in a workflow of a hundred steps; prints their ids for `bench steps` as JSON."""

import json
import sys
from uuid import uuid4

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after django.setup()
from django.db import transaction  # noqa: E402

from bench.steps import NOTES, PLACES, STEPS, TICKETS, answers  # noqa: E402
from users.models import CustomUser, SystemRoleMembership  # noqa: E402
from users.system_roles import SystemRoleName  # noqa: E402
from users.tests.cases import People, logged_in, make_person  # noqa: E402
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile  # noqa: E402
from workflow_design.models import TicketDefinition  # noqa: E402
from workflow_design.persistence.importing import import_workflow  # noqa: E402
from workflow_design.versions.publishing import publish  # noqa: E402
from workflow_ops.models import TaskInstance, TicketInstance  # noqa: E402
from workflow_ops.work.submissions import complete_task, submit_ticket  # noqa: E402


def workflow_file() -> WorkflowFile:
    """Return a chain of tasks over twelve fields: each task starts as its number is entered."""
    notes = {f"note{number}": {"type": "string"} for number in range(NOTES)}
    tasks = tuple(
        TaskFile(
            title=f"Step {step}",
            task_type="FORM",
            input_fields=("step",),
            output_fields=tuple(answers(step)),
            condition={"==": [{"var": "step"}, step]},
        )
        for step in range(1, STEPS + 1)
    )
    end = CompletionFile(
        title="End",
        completion_status="COMPLETED",
        fields=("step",),
        condition={">": [{"var": "step"}, STEPS]},
    )
    return WorkflowFile(
        title="Long",
        fields_schema={"type": "object", "properties": {"step": {"type": "integer"}, **notes}},
        tickets=(TicketFile(title="Ticket", fields=("step",)),),
        tasks=tasks,
        completions=(end,),
    )


def _ticket_at(steps: int, kind: TicketDefinition, *, worker: CustomUser, submitter: CustomUser) -> int:
    """Submit a ticket, complete so many of its tasks, and return the id of its workflow."""
    with submitter.scope(), transaction.atomic():
        ticket: TicketInstance = submit_ticket(kind, values={"step": 1}, form_token=uuid4(), by=submitter)
    for step in range(1, steps + 1):
        with worker.scope(), transaction.atomic():
            tasks = TaskInstance.objects.filter(workflow_instance=ticket.workflow_instance_id)
            complete_task(tasks.latest("pk"), values=answers(step), input_version=1, by=worker)
    return ticket.workflow_instance_id


def main() -> None:
    """Create the tables, the company and its tickets in the configured database."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    people = People("Bench")
    worker = make_person(people.company, "Worker", system_roles=[SystemRoleName.TASK_WORKER])
    with people.scope(), transaction.atomic():
        others = SystemRoleMembership.objects.filter(group__name=SystemRoleName.TASK_WORKER)
        others.exclude(person=worker).delete()
        publish(import_workflow(workflow_file(), by=None), by=None)
    with people.scope(), transaction.atomic():
        kind = TicketDefinition.objects.select_related("workflow").get()
    runs = {
        place: [
            _ticket_at(steps, kind, worker=worker, submitter=people.submitter) for _ticket in range(TICKETS)
        ]
        for place, steps in PLACES.items()
    }
    json.dump({"session": logged_in(worker).cookies["sessionid"].value, "runs": runs}, sys.stdout)


if __name__ == "__main__":
    main()
