"""The reports of the demo's company, computed without waiting for a worker."""

from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from users.models import CustomUser
from workflow_design.models import WorkflowLine
from workflow_ops.reports.making import ask_for_report, compute_next_table
from workflow_ops.reports.statements import STATEMENTS


def make_demo_reports(admin: CustomUser) -> None:
    """Make a report of all workflows over the last weeks, and one of IT support over the last days."""
    assert admin.company_id is not None
    for title, days in ((None, 62), ("IT support", 30)):
        with admin.scope(), transaction.atomic():
            today = timezone.localdate()
            report = ask_for_report(
                line=WorkflowLine.objects.get(title=title) if title else None,
                first_day=today - timedelta(days=days),
                last_day=today,
                by=admin,
                form_token=uuid4(),
            )
        for _table in STATEMENTS:
            compute_next_table(admin.company_id, report.pk)
