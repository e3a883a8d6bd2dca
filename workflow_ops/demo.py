"""The demo's workflows and tickets, made through the functions that people use (`users.demo`)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from django.db import transaction

from ticketflower.tenancy.context import company_scope
from users import demo as people
from users.models import CustomUser
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import WorkflowLine
from workflow_design.persistence.importing import import_workflow
from workflow_design.versions.publishing import publish
from workflow_ops.demo_tickets import submit_tickets
from workflow_ops.models import TicketInstance

GALLERY: Final = Path(__file__).resolve().parent.parent / "workflow_design" / "gallery" / "files"
PUBLISHED: Final = (
    "content_approval",
    "expense_claim",
    "it_support",
    "onboarding",
    "purchase_approval",
    "vacation_request",
)
"""The workflows of the gallery that the demo's company uses; the others wait to be tried."""


def load_demo() -> bool:
    """Make what the demo lacks: people, workflows, tickets. Returns whether anything was made.

    Left as it is once it has tickets, or workflows of its own.

    The tickets are made outside a transaction, since what follows from a submission happens as it
    commits. Raises AddressTakenError where anybody has one of the demo's addresses already.
    """
    with transaction.atomic():
        admin = people.demo_admin() or people.load_demo()
        assert admin.company_id is not None
        with company_scope(admin.company_id, person_id=admin.pk):
            files = [parse_workflow_file((GALLERY / f"{name}.json").read_bytes()) for name in PUBLISHED]
            lines = set(WorkflowLine.objects.values_list("title", flat=True))
            has_others = lines and not lines >= {file.title for file in files}
            if has_others or TicketInstance.objects.exists():
                return False
            people.add_missing(admin)
            if not lines:
                _publish(files, admin)
    submit_tickets(admin)
    return True


def _publish(files: Iterable[WorkflowFile], admin: CustomUser) -> None:
    for file in files:
        publish(import_workflow(file, by=admin, may_make_roles=True), by=admin)
