"""Who may read a report (`docs/access.md`, "Reports")."""

from django.db.models import Q, QuerySet

from users.access import is_company_admin
from users.models import CustomUser
from workflow_design.access import administered_by, may_administer_something
from workflow_ops.models import Report


def readable_reports(person: CustomUser) -> QuerySet[Report]:
    """Return the reports that count only versions which the person may administer now, whoever made them."""
    if is_company_admin(person):
        return Report.objects.all()
    if not may_administer_something(person):
        return Report.objects.none()
    mine = list(administered_by(person).values_list("pk", flat=True))
    # One that counts no version would be open to everybody, with the title of its workflow.
    counts_some = ~Q(workflow_ids=[]) | Q(person=person.pk)
    return Report.objects.filter(counts_some, workflow_ids__contained_by=mine)
