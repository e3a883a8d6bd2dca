"""Who may read a report (`docs/access.md`, "Reports")."""

from django.db.models import QuerySet

from users.access import is_company_admin
from users.models import CustomUser
from workflow_design.access import administered_by
from workflow_ops.access import may_administer_something
from workflow_ops.models import Report


def readable_reports(person: CustomUser) -> QuerySet[Report]:
    """Return the reports that count only versions which the person may administer now, whoever made them."""
    if is_company_admin(person):
        return Report.objects.all()
    if not may_administer_something(person):
        return Report.objects.none()  # one that counts no version would be open to everybody
    mine = list(administered_by(person).values_list("pk", flat=True))
    return Report.objects.filter(workflow_ids__contained_by=mine)
