"""Companies that work with TicketFlower; prints the pages of their people for `bench pages` as JSON."""

import json
import os
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after django.setup()
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.load import form_fields  # noqa: E402
from bench.product import workflow_file  # noqa: E402
from users.models import CustomUser, Scope  # noqa: E402
from users.system_roles import SystemRoleName  # noqa: E402
from users.tests.cases import People, logged_in, make_person  # noqa: E402
from users.token_actions import make_token  # noqa: E402
from workflow_design.definition.workflow import TaskFile, TicketFile, WorkflowFile  # noqa: E402
from workflow_design.models import TicketDefinition  # noqa: E402
from workflow_design.persistence.importing import import_workflow  # noqa: E402
from workflow_design.versions.publishing import publish  # noqa: E402
from workflow_ops.models import TaskInstance, TicketInstance  # noqa: E402
from workflow_ops.work.submissions import complete_task, submit_ticket  # noqa: E402

WORKERS = 3
TICKETS = 120
"""So that each list of the company's has 50 rows."""
CHAIN = 100
SHORT, LONG = 9, 99
"""How many tasks of a chain are done: a page must not grow with what has happened."""

_MORE: dict[str, Any] = {
    "amount_each": {"type": "number", "title": "Amount each", "minimum": 0},
    "until": {"type": "string", "title": "Until", "format": "date"},
    "place": {"type": "string", "title": "Place", "enum": ["a", "b", "c"]},
    "remark": {"type": "string", "title": "Remark", "maxLength": 200},
}


def _workflow() -> WorkflowFile:
    """Return the workflow of `bench submit`, in which completing "Start 1" starts "Next"."""
    file = workflow_file()
    following = TaskFile(title="Next", task_type="FORM", input_fields=("out1",), output_fields=("out2",))
    properties = {**file.fields_schema["properties"], "out2": {"type": "string"}}
    return replace(
        file,
        fields_schema={**file.fields_schema, "properties": properties},
        tasks=(*file.tasks, following),
    )


def _form_of_ten() -> WorkflowFile:
    """Return a workflow with a ticket of ten fields, and a task that shows and writes as many."""
    file = workflow_file()
    asked = {
        name: schema
        for name, schema in file.fields_schema["properties"].items()
        if name in file.tickets[0].fields
    }
    fields = {**asked, **_MORE}
    answers = {f"{name}_answer": schema for name, schema in fields.items()}
    look = TaskFile(title="Look", task_type="FORM", input_fields=tuple(fields), output_fields=tuple(answers))
    return replace(
        file,
        title="Ten fields",
        fields_schema={"type": "object", "properties": {**fields, **answers, "out0": {"type": "string"}}},
        tickets=(TicketFile(title="Ten", fields=tuple(fields)),),
        tasks=(look, replace(file.tasks[0], title="End", input_fields=("reason_answer",))),
    )


def _chain() -> WorkflowFile:
    """Return a workflow in which each task starts the next."""
    file = workflow_file()
    fields = ["reason", *(f"done{number}" for number in range(1, CHAIN + 1))]
    tasks = tuple(
        TaskFile(title=f"Task {number}", task_type="FORM", input_fields=(read,), output_fields=(written,))
        for number, (read, written) in enumerate(pairwise(fields), start=1)
    )
    properties = {**file.fields_schema["properties"], **{name: {"type": "string"} for name in fields[1:]}}
    end = replace(file.completions[0], fields=(fields[-1],))
    return replace(
        file,
        title="Chain",
        fields_schema={**file.fields_schema, "properties": properties},
        tickets=(replace(file.tickets[0], title="Chained"),),
        tasks=tasks,
        completions=(end,),
    )


def _submit(kind: TicketDefinition, by: CustomUser) -> TicketInstance:
    fields = form_fields()
    values: dict[str, Any] = {name: text for name, text in fields.items() if not name.startswith("_")} | {
        "amount": int(fields["amount"]),
        "urgent": False,
    }
    with by.scope(), transaction.atomic():
        return submit_ticket(kind, values=values, form_token=uuid4(), by=by)


def _complete(title: str, ticket: TicketInstance, by: CustomUser) -> None:
    with by.scope(), transaction.atomic():
        task = TaskInstance.objects.select_related("assigned_to", "task_definition").get(
            workflow_instance=ticket.workflow_instance_id, task_definition__title=title
        )
    assert task.assigned_to is not None
    values = dict.fromkeys(task.task_definition.output_fields, "x")
    with task.assigned_to.scope(), transaction.atomic():
        complete_task(task, values=values, input_version=task.input_version, by=task.assigned_to)


def _go_through(chain: TicketDefinition, tasks: int, by: CustomUser) -> TicketInstance:
    """Return a ticket of the chain of which so many tasks are done."""
    ticket = _submit(chain, by)
    for number in range(1, tasks + 1):
        _complete(f"Task {number}", ticket, by)
    return ticket


def _session(person: CustomUser) -> str:
    return logged_in(person).cookies["sessionid"].value


def _secret(person: CustomUser) -> str:
    """Return the secret of a new token with all scopes."""
    with person.scope(), transaction.atomic():
        _token, secret = make_token(
            person,
            name=f"Program {uuid4()}",
            scopes=[*Scope],
            expires_at=timezone.now() + timedelta(days=30),
            by=person,
        )
    return secret


def _company(number: int) -> dict[str, Any]:
    """Make a company with its tickets, and return sessions and paths of its pages."""
    people = People(f"Bench {number}")
    workers = [
        make_person(people.company, f"Worker{each}", system_roles=[SystemRoleName.TASK_WORKER])
        for each in range(WORKERS)
    ]
    with people.scope(), transaction.atomic():
        for file in (_workflow(), _form_of_ten(), _chain()):
            publish(import_workflow(file, by=None), by=None)
        kind, ten, chain = (
            TicketDefinition.objects.select_related("workflow").get(title=title)
            for title in ("Ticket", "Ten", "Chained")
        )
    of_ten = _submit(ten, people.submitter)
    # These take long to make, so that the first company has them for all clients.
    short, long = (
        _go_through(chain, tasks, people.submitter) if number == 0 else None for tasks in (SHORT, LONG)
    )
    made = [_submit(kind, people.submitter) for _ticket in range(TICKETS)]
    for ticket in made[::2]:
        _complete("Start 1", ticket, people.submitter)
    with people.scope(), transaction.atomic():
        look = TaskInstance.objects.select_related("assigned_to").get(
            workflow_instance=of_ten.workflow_instance_id, task_definition__title="Look"
        )
        busiest = max(workers, key=lambda each: TaskInstance.objects.filter(assigned_to=each).count())
    assert look.assigned_to is not None
    programs = {
        page: [_secret(person), f"/api/1/{path}"]
        for page, person, path in (
            ("api_submit", people.submitter, "tickets"),
            ("api_own_tickets", people.submitter, "tickets"),
            ("api_my_tasks", busiest, "tasks"),
            ("api_manage_tickets", people.admin, "desk/tickets"),
            ("api_manage_tasks", people.admin, "desk/tasks"),
        )
    }
    submitter, admin, own = (_session(person) for person in (people.submitter, people.admin, busiest))
    new, newest = f"/tickets/new/{kind.pk}/", f"/tickets/{made[-1].number}/"
    chained = {
        **({"short_ticket": [admin, f"/manage/tickets/{short.number}/"]} if short else {}),
        **({"long_ticket": [admin, f"/manage/tickets/{long.number}/"]} if long else {}),
        **({"own_long_ticket": [submitter, f"/tickets/{long.number}/"]} if long else {}),
    }
    return {
        "company": people.company.pk,
        "kind": kind.pk,
        "workers": {person.pk: _session(person) for person in [*workers, *people.everybody]},
        "visits": {
            "submit": [submitter, new],
            # As after the redirect that gives the form its token.
            "submit_form": [submitter, f"{new}?form={uuid4()}"],
            **programs,
            "own_tickets": [submitter, "/tickets/"],
            "manage_tickets": [admin, "/manage/tickets/"],
            "manage_tasks": [admin, "/manage/tasks/"],
            "my_tasks": [own, "/tasks/"],
            "ticket": [admin, f"/manage{newest}"],
            "own_ticket": [submitter, newest],
            **chained,
            "task": [_session(look.assigned_to), f"/tasks/{look.pk}/"],
            "dashboard": [admin, "/users/dashboard/"],
            "own_dashboard": [submitter, "/users/dashboard/"],
            "form": [submitter, f"/tickets/new/{ten.pk}/?form={uuid4()}"],
        },
    }


def main() -> None:
    """Create the tables and BENCH_COMPANIES companies in the configured database."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    number = int(os.environ["BENCH_COMPANIES"])
    companies = [_company(each) for each in range(number)]
    json.dump({"companies": companies}, sys.stdout)


if __name__ == "__main__":
    main()
