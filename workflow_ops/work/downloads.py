"""Sending files as downloads."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse

from workflow_ops.models import FileUpload


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
