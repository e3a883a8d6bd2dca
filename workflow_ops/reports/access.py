"""Who may read a report (`docs/access.md`, "Reports")."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy

from ticketflower.listing import Sort
from users.access import is_company_admin
from users.models import CustomUser
from workflow_design.access import administered_by, may_administer_something
from workflow_ops.models import Report

REPORT_SORTS: Final = (Sort("asked", gettext_lazy("Asked for"), "id", descending=True),)


def find_report(person: CustomUser, report_id: int) -> Report:
    """Return the report with this id. Raise Http404, or PermissionDenied if the person may not read it."""
    report = get_object_or_404(Report.objects.select_related("line", "person"), pk=report_id)
    if not readable_reports(person).filter(pk=report_id).exists():
        raise PermissionDenied
    return report


def listed_reports(person: CustomUser) -> QuerySet[Report]:
    """Return the reports that the person may read, with the columns for a list and without their tables."""
    return readable_reports(person).select_related("line", "person").defer("result", "workflow_ids")


def readable_reports(person: CustomUser) -> QuerySet[Report]:
    """Return the reports, of anybody, that count only versions that the person may administer now."""
    if is_company_admin(person):
        return Report.objects.all()
    if not may_administer_something(person):
        return Report.objects.none()
    mine = list(administered_by(person).values_list("pk", flat=True))
    # A report that counts no version would be open to everybody, with the title of its workflow.
    counts_some = ~Q(workflow_ids=[]) | Q(person=person.pk)
    return Report.objects.filter(counts_some, workflow_ids__contained_by=mine)
