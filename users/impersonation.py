"""Staff entering and leaving a company (`docs/access.md`, "Staff and impersonation")."""

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from ticketflower.http import PageRequest
from ticketflower.tenancy.context import company_scope, nobody_scope
from users.models import Company, StaffVisit
from users.sessions import IMPERSONATED_COMPANY_KEY

STAFF_VISIT_KEY = "staff_visit_id"


def enter_company(request: PageRequest, company: Company) -> None:
    """Let staff work in `company` from the next request on, with the rights of its admins.

    Side effects: stores the company in the session, and the visit in the company's audit log. Raise
    WallError inside the scope of another company.
    """
    with company_scope(company.pk, impersonator_id=request.user.pk), transaction.atomic():
        visit = StaffVisit.objects.create(impersonator=request.user)
    request.session[IMPERSONATED_COMPANY_KEY] = company.pk
    request.session[STAFF_VISIT_KEY] = visit.pk


def leave_company(request: HttpRequest) -> None:
    """Let staff leave the company from the next request on; do nothing if they are in none.

    This may be called in the scope of another company, whose link they opened. Side effects:
    removes the company from the session, and records the end of the visit in that company's audit
    log.
    """
    if not getattr(request, "impersonating", False):
        return
    del request.session[IMPERSONATED_COMPANY_KEY]
    visit_id = request.session.pop(STAFF_VISIT_KEY, None)
    company: Company = request.company  # type: ignore[attr-defined]  # set by the middleware
    # Scopes of different companies can't be nested, so leave the open one first.
    with (
        nobody_scope(),
        company_scope(company.pk, impersonator_id=request.user.pk),
        transaction.atomic(),
    ):
        StaffVisit.objects.filter(pk=visit_id, left_at=None).update(left_at=timezone.now())
