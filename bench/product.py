"""A company that uses the product; prints the data for a submitter's browser as JSON."""

import json
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after django.setup()
from django.db import transaction  # noqa: E402

from users.system_roles import SystemRoleName  # noqa: E402
from users.tests.cases import People, logged_in, make_person  # noqa: E402
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile  # noqa: E402
from workflow_design.models import TicketDefinition  # noqa: E402
from workflow_design.persistence.importing import import_workflow  # noqa: E402
from workflow_design.versions.publishing import publish  # noqa: E402

WORKERS = 10
CONDITIONS = 30

_ASKED: dict[str, Any] = {
    "reason": {"type": "string", "title": "Reason", "maxLength": 200},
    "details": {"type": "string", "title": "Details", "format": "multiline"},
    "amount": {"type": "integer", "title": "Amount", "minimum": 1, "maximum": 1000},
    "day": {"type": "string", "title": "Day", "format": "date"},
    "kind": {"type": "string", "title": "Kind", "enum": ["a", "b", "c"]},
    "urgent": {"type": "boolean", "title": "Urgent"},
}


def workflow_file() -> WorkflowFile:
    """Return a workflow with a ticket of six fields that starts two tasks and evaluates 30 conditions."""
    asked = tuple(_ASKED)
    starts = tuple(
        TaskFile(title=f"Start {n}", task_type="FORM", input_fields=asked, output_fields=(f"out{n}",))
        for n in range(2)
    )
    others = tuple(
        TaskFile(
            title=f"Other {n}",
            task_type="FORM",
            input_fields=asked[: n % 6 + 1],
            output_fields=(f"other{n}",),
            condition={"and": [{"==": [{"var": "kind"}, "b"]}, {">": [{"var": "amount"}, n]}]},
        )
        for n in range(CONDITIONS)
    )
    output_fields = [name for task in (*starts, *others) for name in task.output_fields]
    return WorkflowFile(
        title="Bench",
        fields_schema={
            "type": "object",
            "properties": {**_ASKED, **{name: {"type": "string"} for name in output_fields}},
            "required": ["reason", "amount", "day", "kind", "urgent"],
        },
        tickets=(TicketFile(title="Ticket", fields=asked),),
        tasks=(*starts, *others),
        completions=(CompletionFile(title="End", completion_status="COMPLETED", fields=("out0",)),),
    )


def main() -> None:
    """Create the tables, the company, its people and its workflow in the configured database."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    people = People("Bench")
    for number in range(WORKERS):
        make_person(people.company, f"Worker{number}", system_roles=[SystemRoleName.TASK_WORKER])
    with people.scope(), transaction.atomic():
        publish(import_workflow(workflow_file(), by=None), by=None)
    with people.scope(), transaction.atomic():
        path = f"/tickets/new/{TicketDefinition.objects.get().pk}/"
    session = logged_in(people.submitter).cookies["sessionid"].value
    json.dump({"session": session, "path": path}, sys.stdout)


if __name__ == "__main__":
    main()
