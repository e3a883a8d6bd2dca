"""Company roles: list, make, rename and describe, give and take, delete. For company admins."""

from collections.abc import Callable, Collection

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ticketflower.http import PageRequest, company_page, find
from ticketflower.listing import Sort, list_page
from users import access, company_roles
from users.filters import NAME_IN_ORDER, RoleFilter, SearchForm
from users.forms.roles import CompanyRoleForm, SelectedPeopleForm
from users.models import CompanyRole, CustomUser

SORTS = (
    Sort("name", gettext_lazy("Name"), "name_in_order"),
    Sort("people", gettext_lazy("People"), "people", descending=True),
)
COLUMNS = (
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("Description")},
    {"label": gettext_lazy("People"), "key": "people", "is_number": True},
)
MEMBER_SORTS = (Sort("name", gettext_lazy("Name"), "name_in_order"),)
MOST_CANDIDATES = 20
MOST_NAMED = 10

show_or_submit = require_http_methods(["GET", "HEAD", "POST"])


def _members(role: CompanyRole) -> QuerySet[CustomUser]:
    return CustomUser.objects.filter(company_role_memberships__role=role)


@require_safe
@company_page(access.may_manage_company)
def role_list(request: PageRequest) -> HttpResponse:
    """All company roles, with how many people have each."""
    form = RoleFilter(request.GET)
    found = form.roles().annotate(people=Count("memberships"), name_in_order=Lower("name"))
    page = list_page(request, found, sorts=SORTS)
    make = {"label": _("Make a role"), "url": reverse("role_create"), "icon": "plus"}
    actions = [make | {"is_primary": True, "is_wide_only": True}]
    context = {"form": form, "page": page, "columns": COLUMNS, "actions": actions}
    return render(request, "users/role_list.html", context)


@show_or_submit
@company_page(access.may_manage_company)
def role_create(request: PageRequest) -> HttpResponse:
    """Make one; on its page it can then be given to people."""
    form = CompanyRoleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            role = company_roles.create_role(**form.cleaned_data)
        except company_roles.NameTakenError:
            form.refuse_name()
        else:
            text = _("The role “%(name)s” is made. Now give it to people.")
            messages.success(request, text % {"name": role})
            return redirect("role_edit", role.pk)
    return render(request, "users/role_create.html", {"form": form})


@show_or_submit
@company_page()
def role_edit(request: PageRequest, role_id: int) -> HttpResponse:
    """Rename and describe it; below, who has it and who could."""
    role = find(CompanyRole.objects, request.user, access.may_manage_company, pk=role_id)
    present = {"name": role.name, "description": role.description}
    form = CompanyRoleForm(request.POST if request.method == "POST" else None, initial=present)
    if form.is_valid():
        try:
            company_roles.change_role(role, **form.cleaned_data)
        except company_roles.NameTakenError:
            form.refuse_name()
        else:
            messages.success(request, _("The role is saved."))
            return redirect("role_edit", role.pk)
    context = {"role": role, "form": form, **_people_of(request, role)}
    return render(request, "users/role_edit.html", context)


def _people_of(request: PageRequest, role: CompanyRole) -> dict[str, object]:
    members = _members(role).annotate(name_in_order=NAME_IN_ORDER)
    search = SearchForm(request.GET)
    others = search.people().active().exclude(company_role_memberships__role=role)
    found = list(others.order_by(NAME_IN_ORDER, "pk")[: MOST_CANDIDATES + 1])
    return {
        "page": list_page(request, members, sorts=MEMBER_SORTS),
        "search": search,
        "candidates": found[:MOST_CANDIDATES],
        "has_more_candidates": len(found) > MOST_CANDIDATES,
    }


@require_POST
@company_page()
def role_give(request: PageRequest, role_id: int) -> HttpResponse:
    """Give it to the people who were ticked."""
    count = _with_selected(request, role_id, company_roles.give_role)
    if count:
        text = ngettext("%(count)d person got the role.", "%(count)d people got the role.", count)
        messages.success(request, text % {"count": count})
    return redirect("role_edit", role_id)


@require_POST
@company_page()
def role_take(request: PageRequest, role_id: int) -> HttpResponse:
    """Take it from the people who were ticked."""
    count = _with_selected(request, role_id, company_roles.take_role)
    if count:
        text = ngettext("%(count)d person lost the role.", "%(count)d people lost the role.", count)
        messages.success(request, text % {"count": count})
    return redirect("role_edit", role_id)


def _with_selected(
    request: PageRequest, role_id: int, act: Callable[[CompanyRole, Collection[int]], int]
) -> int:
    role = find(CompanyRole.objects, request.user, access.may_manage_company, pk=role_id)
    form = SelectedPeopleForm(request.POST)
    if form.is_valid():
        return act(role, form.person_ids())
    messages.error(request, " ".join(map(str, form.errors["people"])))
    return 0


@show_or_submit
@company_page()
def role_delete(request: PageRequest, role_id: int) -> HttpResponse:
    """Say who would lose it, then delete it; or, where workflows name it, which."""
    role = find(CompanyRole.objects, request.user, access.may_manage_company, pk=role_id)
    if request.method == "POST":
        return _delete(request, role)
    if places := company_roles.what_names(role):
        title = _("The role “%(name)s” can't be deleted") % {"name": role}
        return render(request, "users/role_in_use.html", {"role": role, "title": title, "named_by": places})
    context = {
        "title": _("Delete the role “%(name)s”?") % {"name": role},
        "submit": _("Delete"),
        "cancel_url": reverse("role_edit", args=[role.pk]),
        **_who_loses(role),
    }
    return render(request, "components/confirm.html", context)


def _delete(request: PageRequest, role: CompanyRole) -> HttpResponse:
    try:
        company_roles.delete_role(role)
    except company_roles.RoleInUseError as error:
        text = _(
            "The role “%(name)s” can't be deleted, because workflows name it: %(places)s. "
            "Take it from everybody instead, or give it another name."
        )
        messages.error(request, text % {"name": role, "places": ", ".join(error.named_by)})
        return redirect("role_edit", role.pk)
    messages.success(request, _("The role “%(name)s” is deleted.") % {"name": role})
    return redirect("role_list")


def _who_loses(role: CompanyRole) -> dict[str, object]:
    count = _members(role).count()
    names = [person.get_full_name() for person in _members(role).order_by(NAME_IN_ORDER)[:MOST_NAMED]]
    if not count:
        return {"text": _("Nobody has it.")}
    if count > len(names):
        names.append(_("and %(count)d more") % {"count": count - len(names)})
    text = ngettext(
        "%(count)d person has it, and loses it with whatever it lets them do:",
        "%(count)d people have it, and lose it with whatever it lets them do:",
        count,
    )
    return {"text": text % {"count": count}, "consequences": names}
