"""Pages of CSV files: the download of a list, the request for a long one, and a person's long files."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.csv_files import csv_lines, csv_response
from ticketflower.formats import write_count
from ticketflower.http import Form, PageRequest, company_page, show_or_submit
from ticketflower.listing import Sort, list_page
from users.models import CustomUser
from workflow_design.access import may_administer_something
from workflow_ops.desk.list_files.contents import Rows, contents_of, csv_parts
from workflow_ops.desk.list_files.making import MOST_ROWS, STORED_FOR, ask_for_file
from workflow_ops.desk.lists.saved_views import LISTS
from workflow_ops.models import DeskList, ListFile, ReportState
from workflow_ops.refusals import RefusedError

MAX_ROWS = 10_000
"""Maximum number of rows in a file that is created within the request."""
SORTS = (Sort("asked", gettext_lazy("Asked for"), "id", descending=True),)
COLUMNS = (
    {"label": gettext_lazy("List")},
    {"label": gettext_lazy("State")},
    {"label": gettext_lazy("Rows")},
    {"label": gettext_lazy("Asked for")},
)


class ListFileForm(Form):
    """A form with only a token, so that sending it twice requests only one file."""

    token = forms.UUIDField(widget=forms.HiddenInput)


@require_safe
@company_page(may_administer_something)
def manage_rows_csv(request: PageRequest, desk_list: DeskList) -> HttpResponse:
    """Send the rows that the URL selects as a CSV file, in the list's order; redirect if there are many."""
    found = LISTS[desk_list](request.GET, request.user)
    if not found.form.is_valid():
        # The page says what is wrong. A file with other rows than requested would be misleading.
        return redirect(f"{reverse(f'manage_{desk_list}')}?{request.GET.urlencode()}")
    ids = found.ids(MAX_ROWS + 1)
    if len(ids) > MAX_ROWS:
        return redirect(f"{reverse('list_file_create', args=[desk_list])}?{request.GET.urlencode()}")
    heads, rows = contents_of(desk_list, found)
    return csv_response(_lines(ids, request.user, heads, rows), name=f"{desk_list}.csv")


def _lines(ids: Sequence[int], person: CustomUser, heads: Sequence[str], rows: Rows) -> Iterator[str]:
    yield csv_lines([heads])
    yield from csv_parts(ids, person, rows)


@show_or_submit
@company_page(may_administer_something)
def list_file_create(request: PageRequest, desk_list: str) -> HttpResponse:
    """Ask for confirmation, then let a job create the file of a long list."""
    if desk_list not in DeskList.values:
        raise Http404
    found = LISTS[DeskList(desk_list)](request.GET, request.user)
    list_url = f"{reverse(f'manage_{desk_list}')}?{request.GET.urlencode()}"
    if not found.form.is_valid():
        return redirect(list_url)
    form = ListFileForm(request.POST if request.method == "POST" else None, initial={"token": uuid4()})
    if form.is_valid():
        token, kind = form.cleaned_data["token"], DeskList(desk_list)
        try:
            ask_for_file(kind, request.GET, order=found.order, by=request.user, form_token=token)
            return redirect("list_files")
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
    question = {
        "title": _("%(list)s as a CSV file") % {"list": DeskList(desk_list).label},
        "text": _("These are more than %(count)s rows, so the file is made in the background.")
        % {"count": write_count(MAX_ROWS)},
        "consequences": [
            _("It has the rows of the list as they are when it is made, at most %(count)s.")
            % {"count": write_count(MOST_ROWS)},
            _("Only you can download it, for %(count)d days.") % {"count": STORED_FOR.days},
            _("It counts among the files of your company."),
        ],
        "submit": _("Make the file"),
        "cancel_url": list_url,
        "cancel": _("Back to the list"),
        "is_harmless": True,
    }
    return render(request, "components/confirm.html", question | {"form": form})


@require_safe
@company_page()
def list_files(request: PageRequest) -> HttpResponse:
    """List the person's files of long lists, with their progress."""
    page = list_page(request, ListFile.objects.started_by(request.user), sorts=SORTS)
    rows = [
        {
            "file": file,
            "list_url": f"{reverse(f'manage_{file.desk_list}')}?{file.filters}",
            "count": write_count(file.row_count),
        }
        for file in page.rows
    ]
    is_waiting = any(file.state == ReportState.WAITING for file in page.rows)
    context = {"page": page, "rows": rows, "columns": COLUMNS, "is_waiting": is_waiting}
    return render(request, "workflow_ops/list_files.html", context | {"days": STORED_FOR.days})


@require_safe
@company_page()
def list_file_download(request: PageRequest, file_id: int) -> HttpResponse:
    """Send a file that is ready to the person who asked for it."""
    file = get_object_or_404(ListFile, pk=file_id)
    if not ListFile.objects.started_by(request.user).filter(pk=file_id).exists():
        raise PermissionDenied
    if file.state != ReportState.READY:
        raise Http404
    return csv_response(_stored(file.parts), name=f"{file.desk_list}.csv")


def _stored(keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        with default_storage.open(key) as part:
            yield part.read().decode()
