"""Pages for company admins about people: list, details and reactivation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, company_page, find
from users import access, people
from users.company_lists import find_people, find_person
from users.filters import DEACTIVATED
from users.models import CustomUser

COLUMNS = (
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("Roles")},
    {"label": gettext_lazy("Joined"), "key": "joined"},
)


def people_tabs(current: str) -> list[dict[str, object]]:
    """Return the tabs of the three lists of people; `current` is "active", "deactivated" or "invited"."""
    people_url = reverse("people_list")
    lists = {
        "active": (_("Active"), people_url),
        "invited": (_("Invited"), reverse("invitation_list")),
        DEACTIVATED: (_("Deactivated"), f"{people_url}?status={DEACTIVATED}"),
    }
    return [
        {"label": label, "url": url, "is_current": name == current} for name, (label, url) in lists.items()
    ]


def invite_action() -> dict[str, object]:
    """Return the button above the three lists; phones show it below them instead."""
    url = reverse("invitation_create")
    label = _("Invite people")
    return {"label": label, "url": url, "icon": "user-plus", "is_primary": True, "is_wide_only": True}


@require_safe
@company_page(access.may_manage_company)
def people_list(request: PageRequest) -> HttpResponse:
    """List all people with an account, either active or deactivated."""
    form, page = find_people(request)
    context = {
        "form": form,
        "page": page,
        "columns": COLUMNS,
        "tabs": people_tabs(DEACTIVATED if form.cleaned_data.get("status") else "active"),
        "actions": [invite_action()],
    }
    return render(request, "users/people_list.html", context)


@require_safe
@company_page()
def person_detail(request: PageRequest, person_id: int) -> HttpResponse:
    """Show a person, their rights, and the actions that an admin can take."""
    person = find_person(person_id, by=request.user)
    is_last_admin = people.is_last_admin(person)
    return render(request, "users/person_detail.html", {"person": person, "is_last_admin": is_last_admin})


@require_POST
@company_page()
def person_reactivate(request: PageRequest, person_id: int) -> HttpResponse:
    """Restore the person's access."""
    person = find(CustomUser.objects, request.user, access.may_manage_company, pk=person_id)
    if people.reactivate(person):
        messages.success(request, _("%(name)s can log in again.") % {"name": person})
    return redirect("person_detail", person.pk)
