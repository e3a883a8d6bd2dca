"""Company roles, for company admins: list, create, edit, give and delete."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, company_page, find, show_or_submit
from ticketflower.listing import Sort, list_page
from ticketflower.unique_names import NameTakenError
from users import access, company_roles
from users.company_lists import find_roles
from users.filters import NAME_IN_ORDER, PeopleSearch
from users.forms.roles import CompanyRoleForm, SelectedPeopleForm
from users.models import CompanyRole, CustomUser

COLUMNS = (
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("Description")},
    {"label": gettext_lazy("People"), "key": "people", "is_number": True},
)
MEMBER_SORTS = (Sort("name", gettext_lazy("Name"), "name_in_order"),)
MAX_CANDIDATES = 20
MAX_NAMED = 10


def _members(role: CompanyRole) -> QuerySet[CustomUser]:
    return CustomUser.objects.filter(company_role_memberships__role=role)


@require_safe
@company_page(access.may_manage_company)
def role_list(request: PageRequest) -> HttpResponse:
    """List all company roles with their number of people."""
    form, page = find_roles(request)
    create = {"label": _("Create a role"), "url": reverse("role_create"), "icon": "plus"}
    has_list = page.rows or form.is_narrowed
    actions = [create | {"is_primary": True, "is_wide_only": True}] if has_list else []
    context = {"form": form, "page": page, "columns": COLUMNS, "actions": actions}
    return render(request, "users/role_list.html", context)


@show_or_submit
@company_page(access.may_manage_company)
def role_create(request: PageRequest) -> HttpResponse:
    """Create a role, which can then be given to people on its page."""
    form = CompanyRoleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            role = company_roles.create_role(**form.cleaned_data)
        except NameTakenError:
            form.refuse_name()
        else:
            text = _("The role “%(name)s” has been created. Now give it to people.")
            messages.success(request, text % {"name": role})
            return redirect("role_edit", role.pk)
    return render(request, "users/role_create.html", {"form": form})


@show_or_submit
@company_page()
def role_edit(request: PageRequest, role_id: int) -> HttpResponse:
    """Change the name and description of a role, and list its members and candidates."""
    role = find(CompanyRole.objects, request.user, access.may_manage_company, pk=role_id)
    present = {"name": role.name, "description": role.description}
    form = CompanyRoleForm(request.POST if request.method == "POST" else None, initial=present)
    if form.is_valid():
        try:
            company_roles.change_role(role, **form.cleaned_data)
        except NameTakenError:
            form.refuse_name()
        else:
            messages.success(request, _("The role has been saved."))
            return redirect("role_edit", role.pk)
    context = {"role": role, "form": form, **_people_context(request, role)}
    return render(request, "users/role_edit.html", context)


def _people_context(request: PageRequest, role: CompanyRole) -> dict[str, object]:
    members = _members(role).annotate(name_in_order=NAME_IN_ORDER)
    others = CustomUser.objects.active().exclude(company_role_memberships__role=role)
    search = PeopleSearch(request.GET, others)
    found = list(search.qs.order_by(NAME_IN_ORDER, "pk")[: MAX_CANDIDATES + 1])
    return {
        "page": list_page(request, members, sorts=MEMBER_SORTS),
        "search": search.form,
        "candidates": found[:MAX_CANDIDATES],
        "has_more_candidates": len(found) > MAX_CANDIDATES,
    }


@require_POST
@company_page()
def role_give(request: PageRequest, role_id: int) -> HttpResponse:
    """Give the role to the selected people."""
    role = find(CompanyRole.objects, request.user, access.may_manage_company, pk=role_id)
    form = SelectedPeopleForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["people"])))
    elif count := company_roles.give_role(role, form.person_ids()):
        said = ngettext("%(count)d person got the role.", "%(count)d people got the role.", count)
        messages.success(request, said % {"count": count})
    return redirect("role_edit", role.pk)


@show_or_submit
@company_page()
def role_delete(request: PageRequest, role_id: int) -> HttpResponse:
    """Ask for confirmation and delete the role, or list the workflows that use it."""
    role = find(CompanyRole.objects, request.user, access.may_manage_company, pk=role_id)
    if request.method == "POST":
        return _delete(request, role)
    if uses := company_roles.find_role_uses(role):
        title = _("The role “%(name)s” can't be deleted") % {"name": role}
        return render(request, "users/role_in_use.html", {"role": role, "title": title, "named_by": uses})
    context = {
        "title": _("Delete the role “%(name)s”?") % {"name": role},
        "submit": _("Delete"),
        "cancel_url": reverse("role_edit", args=[role.pk]),
        **_affected_people(role),
    }
    return render(request, "components/confirm.html", context)


def _delete(request: PageRequest, role: CompanyRole) -> HttpResponse:
    try:
        company_roles.delete_role(role)
    except company_roles.RoleInUseError as error:
        text = _(
            "The role “%(name)s” can't be deleted because workflows use it: %(places)s. "
            "Take it from everyone instead, or rename it."
        )
        messages.error(request, text % {"name": role, "places": ", ".join(error.named_by)})
        return redirect("role_edit", role.pk)
    messages.success(request, _("The role “%(name)s” has been deleted.") % {"name": role})
    return redirect("role_list")


def _affected_people(role: CompanyRole) -> dict[str, object]:
    count = _members(role).count()
    names = [person.get_full_name() for person in _members(role).order_by(NAME_IN_ORDER)[:MAX_NAMED]]
    if not count:
        return {"text": _("Nobody has this role.")}
    if count > len(names):
        names.append(_("and %(count)d more") % {"count": count - len(names)})
    text = ngettext(
        "%(count)d person has this role and loses it, with all the rights it gives:",
        "%(count)d people have this role and lose it, with all the rights it gives:",
        count,
    )
    return {"text": text % {"count": count}, "consequences": names}
