"""Files of tickets and comments are downloaded."""

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from users.models import CustomUser
from workflow_ops.access import may_see_ticket
from workflow_ops.comments.audience import may_read
from workflow_ops.models import FileUpload


def may_download(person: CustomUser, file: FileUpload) -> bool:
    """Return whether the person may see the file's ticket, or read its comment.

    Before the file has a ticket: whether they uploaded it.
    """
    if file.comment is not None:
        return may_read(person, file.comment)
    if file.ticket is not None:
        return may_see_ticket(person, file.ticket)
    author = person.as_author("uploaded_by")
    return {"uploaded_by_id": file.uploaded_by_id, "impersonator_id": file.impersonator_id} == author


@require_safe
@company_page()
def file_download(request: PageRequest, file_id: int) -> HttpResponse:
    """Send the file as a download."""
    return send_file(find_file(request.user, file_id))


def find_file(person: CustomUser, file_id: int) -> FileUpload:
    """Return a file. Raise Http404, or PermissionDenied for those who may not download it."""
    files = FileUpload.objects.select_related(
        *("ticket__workflow_instance__workflow", "comment__ticket__workflow_instance__workflow")
    )
    file = get_object_or_404(files, pk=file_id)
    if not may_download(person, file):
        raise PermissionDenied
    return file


def send_file(file: FileUpload) -> HttpResponse:
    """Return the response that downloads the file. Raise Http404 if its content is gone."""
    try:
        content = default_storage.open(file.ext_key)
    except FileNotFoundError as error:
        raise Http404 from error
    # A browser must never render an uploaded file as a page of this site.
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return FileResponse(  # type: ignore[return-value]  # a response that streams is a response
        content, as_attachment=True, filename=file.filename, content_type=file.file_type, headers=headers
    )
