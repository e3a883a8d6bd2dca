"""Acts of the demo's people, each with its actor and transaction, performed by the site's functions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from users.models import CustomUser
from workflow_design.models import TicketDefinition, WorkflowStatus
from workflow_ops.files import upload_file
from workflow_ops.models import TaskInstance, TicketInstance, WorkflowInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.work import submissions

EMPLOYEE, DESIGNER, MANAGER, HR, FINANCE, IT = (
    f"{name}@demo.example" for name in ("employee", "designer", "manager", "hr", "finance", "it")
)


def day(days: int) -> str:
    return str(timezone.localdate() + timedelta(days=days))


@contextmanager
def acting_as(email: str) -> Iterator[CustomUser]:
    """Act as a person of the demo, in one transaction; its effects are applied when it has committed."""
    person = CustomUser.objects.get_by_natural_key(email)
    with person.scope(), transaction.atomic():
        yield person


def submit(
    title: str, email: str, *, file_ids: Sequence[str] = (), entered_by: str = "", **values: Any
) -> TicketInstance:
    with acting_as(entered_by or email) as person:
        kinds = TicketDefinition.objects.select_related("workflow")
        definition = kinds.get(title=title, workflow__status=WorkflowStatus.ACTIVE)
        ticket = submissions.submit_ticket(
            definition,
            values=values,
            form_token=uuid4(),
            by=CustomUser.objects.get(email=email),
            entered_by=person if entered_by else None,
            file_ids=file_ids,
        )
        # The database dates a new ticket by its own clock, which `workflow_ops.demo.history` does not move.
        moment = timezone.now()
        TicketInstance.objects.filter(pk=ticket.pk).update(created_at=moment)
        WorkflowInstance.objects.filter(pk=ticket.workflow_instance_id).update(created_at=moment)
        return ticket


def open_task(ticket: TicketInstance, title: str) -> TaskInstance:
    tasks = TaskInstance.objects.filter(status__in=UNFINISHED_STATUSES)
    return tasks.get(workflow_instance=ticket.workflow_instance_id, task_definition__title=title)


def complete(ticket: TicketInstance, title: str, email: str, **values: Any) -> None:
    with acting_as(email) as person:
        task = open_task(ticket, title)
        submissions.complete_task(task, values=values, input_version=task.input_version, by=person)


def ask_it(
    email: str, summary: str, category: str, details: str, urgency: str = "normal", *, entered_by: str = ""
) -> TicketInstance:
    values = {"summary": summary, "category": category, "urgency": urgency, "details": details}
    return submit("IT request", email, entered_by=entered_by, **values)


def claim(email: str, purpose: str, category: str, amount: float) -> TicketInstance:
    with acting_as(email) as person:
        content = f"Receipt\n{purpose}: {amount:.2f}\n".encode()
        # The person who submits the ticket uploads the file, as in the form.
        receipt = upload_file(SimpleUploadedFile("receipt.txt", content, "text/plain"), by=person)
    receipts = [str(receipt.pk)]
    about = {"purpose": purpose, "category": category, "spent_on": day(-4)}
    return submit("Expense claim", email, file_ids=receipts, receipts=receipts, amount=amount, **about)
