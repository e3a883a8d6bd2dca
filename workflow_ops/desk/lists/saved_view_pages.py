"""Pages on which people save, change and delete views of a desk list, and choose its columns."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ticketflower.clean_json import parse_number
from ticketflower.http import Form, PageRequest, company_page, safe_next, show_or_submit
from workflow_design.access import may_administer_something
from workflow_ops.desk.lists.saved_views import (
    VIEW,
    ListViews,
    choose_columns,
    clean_query,
    delete_view,
    may_change_view,
    save_view,
    view_address,
    views_of,
)
from workflow_ops.models import DeskList, SavedView
from workflow_ops.refusals import RefusedError
from workflow_ops.work.confirmation import confirm_and_perform


class ViewForm(Form):
    """The name of a view, and whether it is shared."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    is_shared = forms.BooleanField(
        label=gettext_lazy("Share it"),
        required=False,
        help_text=gettext_lazy(
            "Everyone who may open this list sees it, each with the tickets that they administer."
        ),
    )


@show_or_submit
@company_page(may_administer_something)
def saved_view_create(request: PageRequest, desk_list: str) -> HttpResponse:
    """Save the list with the parameters of this URL as a view."""
    kind = _list(desk_list)
    form = ViewForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        view = SavedView(desk_list=kind, owner_id=request.user.pk, columns=ListViews(request, kind).columns)
        if _save(request, view, form, query=request.GET):
            return redirect(view_address(view))
    context = {"form": form, "list": kind, "list_url": reverse(f"manage_{kind}")}
    return render(request, "workflow_ops/saved_view.html", context)


@show_or_submit
@company_page()
def saved_view_edit(request: PageRequest, view_id: int) -> HttpResponse:
    """Change the name of a view and whether it is shared. Parameters in the URL replace its filters."""
    view = _find(request, view_id)
    initial = {"name": view.name, "is_shared": view.is_shared}
    form = ViewForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and _save(request, view, form, query=request.GET or None):
        return redirect(view_address(view))
    context = {"form": form, "list": DeskList(view.desk_list), "list_url": view_address(view), "view": view}
    context["has_query"] = bool(request.GET)
    return render(request, "workflow_ops/saved_view.html", context)


@show_or_submit
@company_page()
def saved_view_delete(request: PageRequest, view_id: int) -> HttpResponse:
    """Ask for confirmation, then delete a view."""
    view = _find(request, view_id)
    text = _("Nobody can open it any more. No ticket changes.") if view.is_shared else _("No ticket changes.")
    return confirm_and_perform(
        request,
        title=_("Delete the view “%(name)s”?") % {"name": view.name},
        text=text,
        submit=_("Delete the view"),
        act=lambda: delete_view(view, by=request.user),
        done=_("The view has been deleted."),
        to=reverse(f"manage_{view.desk_list}"),
    )


@require_POST
@company_page(may_administer_something)
def list_columns(request: PageRequest, desk_list: str) -> HttpResponse:
    """Choose the columns of the open view if the person may change it, otherwise of the list."""
    kind = _list(desk_list)
    view = (
        views_of(request.user.pk, kind)
        .filter(pk=parse_number(request.POST.get(VIEW, "")) or 0)
        .exclude(name="")
        .first()
    )
    try:
        choose_columns(kind, request.POST.getlist("columns"), by=request.user, view=view)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect(safe_next(request, reverse(f"manage_{kind}")))


def _list(name: str) -> DeskList:
    if name not in DeskList.values:
        raise Http404
    return DeskList(name)


def _save(request: PageRequest, view: SavedView, form: ViewForm, *, query: QueryDict | None) -> bool:
    """Save the view and add a message; on a refusal, add the error to the name and return False."""
    try:
        cleaned = None if query is None else clean_query(DeskList(view.desk_list), query, request.user)
        save_view(view, **form.cleaned_data, query=cleaned, by=request.user)
    except RefusedError as refusal:
        form.add_error("name", str(refusal))
        return False
    messages.success(request, _("The view has been saved."))
    return True


def _find(request: PageRequest, view_id: int) -> SavedView:
    """Return the view. Raise Http404, or PermissionDenied if the person may not change it."""
    view = get_object_or_404(SavedView.objects.exclude(name=""), pk=view_id)
    if not may_change_view(request.user, view):
        raise PermissionDenied
    return view
