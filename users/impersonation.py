"""Staff enter a company, and leave it (`product.md`, "Staff and impersonation")."""

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from ticketflower.http import PageRequest
from ticketflower.tenancy.context import company_scope, nobody_scope
from users.models import Company, StaffVisit
from users.sessions import IMPERSONATED_COMPANY_KEY

STAFF_VISIT_KEY = "staff_visit_id"


def enter_company(request: PageRequest, company: Company) -> None:
    """From the next request on, staff who are in no company work in `company`, with what its admins may.

    Effects: the session names the company; the company's audit log says who entered it.
    Raises WallError inside the scope of another company.
    """
    with company_scope(company.pk, impersonator_id=request.user.pk), transaction.atomic():
        visit = StaffVisit.objects.create(impersonator=request.user)
    request.session[IMPERSONATED_COMPANY_KEY] = company.pk
    request.session[STAFF_VISIT_KEY] = visit.pk


def leave_company(request: HttpRequest) -> None:
    """From the next request on, staff are in no company; who is in none stays so.

    May be called in another company's scope, where they opened a link. Effects: the session
    forgets the company they were in; that company's audit log says when they left.
    """
    if not getattr(request, "impersonating", False):
        return
    del request.session[IMPERSONATED_COMPANY_KEY]
    visit_id = request.session.pop(STAFF_VISIT_KEY, None)
    company: Company = request.company  # type: ignore[attr-defined]  # the middleware's
    with (
        nobody_scope(),
        company_scope(company.pk, impersonator_id=request.user.pk),
        transaction.atomic(),
    ):
        StaffVisit.objects.filter(pk=visit_id, left_at=None).update(left_at=timezone.now())
