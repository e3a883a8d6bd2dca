"""The demo's workflows and tickets, made through the functions that people use (`users.demo`)."""

from pathlib import Path
from typing import Final

from django.db import transaction

from ticketflower.tenancy.context import company_scope
from users import demo as people
from users.models import CustomUser
from workflow_design.bundles import import_workflow
from workflow_design.models import WorkflowLine
from workflow_design.publishing import publish
from workflow_design.workflow_file import parse_workflow_file
from workflow_ops.demo_tickets import submit_tickets
from workflow_ops.models import TicketInstance

GALLERY: Final = Path(__file__).resolve().parent.parent / "workflow_design" / "gallery"
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

    The tickets are made outside a transaction, since what follows from a submission happens as it
    commits. Raises AddressTakenError where anybody has one of the demo's addresses already.
    """
    with transaction.atomic():
        admin = people.demo_admin() or people.load_demo()
        assert admin.company_id is not None
        with company_scope(admin.company_id, person_id=admin.pk):
            workflows_made = _publish_gallery(admin)
            has_tickets = TicketInstance.objects.exists()
    if has_tickets or not people.everybody_is_there():
        return workflows_made
    submit_tickets(admin)
    return True


def _publish_gallery(admin: CustomUser) -> bool:
    """Publish workflows of the gallery, if the company has none of its own yet."""
    if WorkflowLine.objects.exists():
        return False
    for name in PUBLISHED:
        file = parse_workflow_file((GALLERY / f"{name}.json").read_bytes())
        publish(import_workflow(file, by=admin, may_make_roles=True), by=admin)
    return True
