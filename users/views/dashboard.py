"""The page that people see first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from users import access
from users.first_steps import first_steps, prospects


@require_safe
@company_page()
def user_dashboard(request: PageRequest) -> HttpResponse:
    """What waits for them; in a new company, what to do first and what to expect."""
    steps = first_steps(request.company) if access.may_manage_company(request.user) else []
    context = {
        "steps": [] if all(step.is_done for step in steps) else steps,
        "prospects": prospects(request.user),
    }
    return render(request, "users/dashboard.html", context)
