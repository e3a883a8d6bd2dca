"""Connections and signing secrets, for company admins: list, add, change, delete and test."""

from typing import Any

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page, find, show_or_submit, submit_form
from ticketflower.listing import Sort, list_page
from ticketflower.unique_names import NameTakenError
from users.access import may_manage_company
from workflow_design.models import Connection, SigningSecret
from workflow_ops.actions.conflicts import ChangedMeanwhileError, describe_conflict
from workflow_ops.actions.connections import actions
from workflow_ops.actions.connections.forms import ChatForm, ConnectionForm, PathForm, RenewForm
from workflow_ops.actions.connections.page import describe_connection, find_differences, form_for
from workflow_ops.actions.connections.system_form import SystemForm
from workflow_ops.actions.connections.testing import start_test
from workflow_ops.actions.secrets import renew_signing_secret

SORTS = (Sort("name", gettext_lazy("Name"), "name_in_order"),)
COLUMNS = (
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("State")},
    {"label": gettext_lazy("Kind")},
    {"label": gettext_lazy("Address")},
)


@require_safe
@company_page(may_manage_company)
def connection_list(request: PageRequest) -> HttpResponse:
    """List the company's connections, and say when its own signing secret was made."""
    rows = Connection.objects.defer("secrets").annotate(name_in_order=Lower("name"))
    page = list_page(request, rows, sorts=SORTS)
    context = {"page": page, "columns": COLUMNS, "secret": SigningSecret.objects.first()}
    return render(request, "workflow_ops/connections/list.html", context)


@show_or_submit
@company_page(may_manage_company)
@never_cache
@sensitive_post_parameters()
def connection_create(request: PageRequest, is_chat: bool) -> HttpResponse:
    """Add a connection to another system or to a chat."""
    kind: type[ConnectionForm] = ChatForm if is_chat else SystemForm
    form = kind(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            connection = actions.create_connection(form.content(), by=request.user)
        except NameTakenError:
            form.refuse_name()
        else:
            return _saved(request, connection, form)
    title = _("Connect a chat") if is_chat else _("Connect a system")
    context = {"form": form, "title": title, "cancel_url": reverse("connection_list")}
    return render(request, "workflow_ops/connections/form.html", context)


@require_safe
@company_page()
def connection_detail(request: PageRequest, connection_id: int) -> HttpResponse:
    """Show a connection without its secrets, what uses it, and the answer to its newest test."""
    connection = _find(request, connection_id)
    context = describe_connection(connection)
    return render(request, "workflow_ops/connections/detail.html", context)


@show_or_submit
@company_page()
@never_cache
@sensitive_post_parameters()
def connection_edit(request: PageRequest, connection_id: int) -> HttpResponse:
    """Change a connection; its secrets can be replaced and removed, and are not shown."""
    connection = _find(request, connection_id)
    form = form_for(connection, request.POST if request.method == "POST" else None)
    title = _("Change “%(name)s”") % {"name": connection}
    context: dict[str, Any] = {"form": form, "title": title, "connection": connection}
    if form.is_valid():
        try:
            actions.change_connection(connection, form.content(), seen=form.cleaned_data["edition"])
        except Connection.DoesNotExist:
            raise Http404 from None
        except ChangedMeanwhileError as error:
            differences = find_differences(form, error.current)
            context["conflict"] = describe_conflict(form, error.current, differences)
        except actions.ConnectionInUseError as error:
            form.refuse_rename(error)
        except NameTakenError:
            form.refuse_name()
        else:
            return _saved(request, connection, form)
    context["cancel_url"] = reverse("connection_detail", args=[connection.pk])
    return render(request, "workflow_ops/connections/form.html", context)


def _saved(request: PageRequest, connection: Connection, form: ConnectionForm) -> HttpResponse:
    """Show a signing secret that was just made, this once; otherwise, lead to the connection."""
    if form.made_secret:
        url = reverse("connection_detail", args=[connection.pk])
        context = {"name": form.cleaned_data["name"], "secret": form.made_secret, "url": url}
        return render(request, "workflow_ops/connections/secret.html", context)
    messages.success(request, _("“%(name)s” has been saved.") % {"name": form.cleaned_data["name"]})
    return redirect("connection_detail", connection.pk)


@show_or_submit
@company_page()
def connection_delete(request: PageRequest, connection_id: int) -> HttpResponse:
    """Ask for confirmation and delete the connection, or say which workflows use it."""
    connection = _find(request, connection_id)
    detail = reverse("connection_detail", args=[connection.pk])
    try:
        if request.method == "POST":
            is_done = actions.delete_connection(connection)
            done = _("“%(name)s” has been deleted.") if is_done else _("“%(name)s” is being deleted.")
            messages.success(request, done % {"name": connection})
            return redirect("connection_list")
        actions.refuse_if_used(connection)
    except actions.ConnectionInUseError as error:
        messages.error(request, _("%(reason)s It can't be deleted.") % {"reason": error})
        return redirect(detail)
    context = {
        "title": _("Delete “%(name)s”?") % {"name": connection},
        "text": _("Its secrets are deleted, too. The log of its calls stays."),
        "consequences": [
            _("If tickets that run on an archived version still call over it, they report an error.")
        ],
        "submit": _("Delete"),
        "cancel_url": detail,
    }
    return render(request, "components/confirm.html", context)


@submit_form
@company_page()
def connection_test(request: PageRequest, connection_id: int) -> HttpResponse:
    """Start a test; the page of the connection has its form, and shows its answer."""
    # Locked, so that two clicks start one test.
    connection = find(
        Connection.objects.select_for_update(), request.user, may_manage_company, pk=connection_id
    )
    form = PathForm(request.POST)
    if not form.is_valid():
        context = describe_connection(connection, form)
        return render(request, "workflow_ops/connections/detail.html", context)
    start_test(connection, form.cleaned_data["path"])
    return redirect(f"{reverse('connection_detail', args=[connection.pk])}#test")


@show_or_submit
@company_page(may_manage_company)
@never_cache
def signing_secret_renew(request: PageRequest) -> HttpResponse:
    """Ask for confirmation, make a new signing secret of the company, and show it this once."""
    form = RenewForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if form.cleaned_data["seen"] != RenewForm.current():
            messages.info(
                request, _("A new secret has just been made. It was shown to the person who made it.")
            )
            return redirect("connection_list")
        made = {"name": "", "secret": renew_signing_secret(), "url": reverse("connection_list")}
        return render(request, "workflow_ops/connections/secret.html", made)
    context: dict[str, Any] = {
        "title": _("Make a new signing secret?"),
        "text": _("It signs the calls of actions that use no connection. It is shown once."),
        "consequences": [
            _("Other systems refuse such calls until you have given them the new secret."),
        ],
        "form": form,
        "submit": _("Make a new secret"),
        "cancel_url": reverse("connection_list"),
    }
    return render(request, "components/confirm.html", context)


def _find(request: PageRequest, connection_id: int) -> Connection:
    return find(Connection.objects, request.user, may_manage_company, pk=connection_id)
