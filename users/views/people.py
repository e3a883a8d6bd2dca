"""People of the company: list, one of them, their roles, deactivating and taking back. For company admins."""

from django.contrib import messages
from django.db.models import Prefetch
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ticketflower.http import PageRequest, company_page, find
from ticketflower.listing import Sort, list_page
from users import access, people
from users.filters import DEACTIVATED, NAME_IN_ORDER, PeopleFilter
from users.forms.roles import RolesForm
from users.models import CompanyRoleMembership, CustomUser, SystemRoleMembership

SORTS = (
    Sort("name", gettext_lazy("Name"), "name_in_order"),
    Sort("joined", gettext_lazy("Joined"), "date_joined"),
)
COLUMNS = (
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("Roles")},
    {"label": gettext_lazy("Joined"), "key": "joined"},
)

show_or_submit = require_http_methods(["GET", "HEAD", "POST"])


def _roles() -> list["Prefetch[str]"]:
    company_roles = CompanyRoleMembership.objects.select_related("role").order_by(Lower("role__name"))
    return [
        Prefetch("system_role_memberships", SystemRoleMembership.objects.select_related("group")),
        Prefetch("company_role_memberships", company_roles),
    ]


def people_tabs(current: str) -> list[dict[str, object]]:
    """The three lists that belong together; `current` is "active", "deactivated" or "invited"."""
    everybody = reverse("people_list")
    lists = {
        "active": (_("Active"), everybody),
        "invited": (_("Invited"), reverse("invitation_list")),
        DEACTIVATED: (_("Deactivated"), f"{everybody}?status={DEACTIVATED}"),
    }
    return [
        {"label": label, "url": url, "is_current": name == current} for name, (label, url) in lists.items()
    ]


def invite_action() -> dict[str, object]:
    """The button on top of the three lists; on phones it stands below instead."""
    url = reverse("invitation_create")
    label = _("Invite somebody")
    return {"label": label, "url": url, "icon": "user-plus", "is_primary": True, "is_wide_only": True}


@require_safe
@company_page(access.may_manage_company)
def people_list(request: PageRequest) -> HttpResponse:
    """Everybody with an account, active or deactivated."""
    form = PeopleFilter(request.GET)
    found = form.people().annotate(name_in_order=NAME_IN_ORDER).prefetch_related(*_roles())
    context = {
        "form": form,
        "page": list_page(request, found, sorts=SORTS),
        "columns": COLUMNS,
        "tabs": people_tabs(DEACTIVATED if form.shows_deactivated else "active"),
        "actions": [invite_action()],
    }
    return render(request, "users/people_list.html", context)


@require_safe
@company_page()
def person_detail(request: PageRequest, person_id: int) -> HttpResponse:
    """One person: who they are, what they may do, and what an admin can change about that."""
    person = find(
        CustomUser.objects.prefetch_related(*_roles()), request.user, access.may_manage_company, pk=person_id
    )
    is_last_admin = people.is_last_admin(person)
    return render(request, "users/person_detail.html", {"person": person, "is_last_admin": is_last_admin})


@show_or_submit
@company_page()
def person_roles(request: PageRequest, person_id: int) -> HttpResponse:
    """Change which roles they have."""
    person = find(CustomUser.objects, request.user, access.may_manage_company, pk=person_id)
    present = {"system_roles": list(person.system_roles), "company_roles": list(person.company_role_ids)}
    form = RolesForm(request.POST if request.method == "POST" else None, initial=present)
    if form.is_valid():
        try:
            people.change_roles(person, **form.values())
        except people.LastAdminError:
            form.refuse_last_admin()
        else:
            messages.success(request, _("The roles of %(name)s are saved.") % {"name": person})
            return redirect("person_detail", person.pk)
    return render(request, "users/person_roles.html", {"person": person, "form": form})


@show_or_submit
@company_page()
def person_deactivate(request: PageRequest, person_id: int) -> HttpResponse:
    """Ask, then end their access."""
    person = find(CustomUser.objects, request.user, access.may_manage_company, pk=person_id)
    detail = redirect("person_detail", person.pk)
    if request.method != "POST":
        context = {
            "title": _("Deactivate %(name)s?") % {"name": person},
            "text": _("They are logged out at once, and can't log in again until you reactivate them."),
            "consequences": [_("Their roles and everything that they did stay.")],
            "submit": _("Deactivate"),
            "cancel_url": detail.url,
        }
        return render(request, "components/confirm.html", context)
    try:
        if people.deactivate(person):
            messages.success(request, _("%(name)s is deactivated.") % {"name": person})
    except people.LastAdminError:
        messages.error(request, _("%(name)s is the only company admin and stays active.") % {"name": person})
    return detail


@require_POST
@company_page()
def person_reactivate(request: PageRequest, person_id: int) -> HttpResponse:
    """Let them in again."""
    person = find(CustomUser.objects, request.user, access.may_manage_company, pk=person_id)
    if people.reactivate(person):
        messages.success(request, _("%(name)s can log in again.") % {"name": person})
    return redirect("person_detail", person.pk)
