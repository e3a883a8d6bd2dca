"""Comments on tickets, and files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import File, Router, Schema, Status, UploadedFile
from pydantic import Field

from users.models import Scope
from workflow_ops import files
from workflow_ops.api.calls import ApiRequest, Once, RowId, Token
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.comments import writing
from workflow_ops.comments.audience import readable_comments
from workflow_ops.comments.forms import MAX_COMMENT_LENGTH
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import Comment
from workflow_ops.work.downloads import find_file, send_file
from workflow_ops.work.ticket_views import find_ticket

router = Router(tags=["Tickets"])
MOST_COMMENTS = 100


class NewComment(Schema, extra="forbid"):
    """A comment to add. Who may read internal ones can write them, too."""

    text: str = Field(min_length=1, max_length=MAX_COMMENT_LENGTH)
    is_internal: bool = False
    mentions: list[RowId] = Field([], description="Ids of people", max_length=50)
    files: list[str] = Field([], description="Ids of files that you have uploaded", max_length=20)


class CommentOut(Schema):
    """A comment on a ticket."""

    id: int
    author: str
    text: str
    is_internal: bool
    created_at: datetime
    edited_at: datetime | None
    files: list[str]


class StoredFile(Schema):
    """A file that was uploaded; its id is the value of a field that takes files."""

    id: str
    name: str
    media_type: str
    size: int


@router.get("/tickets/{int:number}/comments", auth=Token(Scope.READ), response=list[CommentOut])
def list_comments(request: ApiRequest, number: int) -> list[dict[str, Any]]:
    """List the newest comments on a ticket that you may read, the newest first."""
    ticket = find_ticket(request.user, number)
    found = readable_comments(request.user, ticket).filter(deleted_at=None)
    found = found.select_related("created_by").prefetch_related("files")
    return [_comment(comment) for comment in found.order_by("-pk")[:MOST_COMMENTS]]


@router.post("/tickets/{int:number}/comments", auth=Token(Scope.SUBMIT), response={201: CommentOut})
def add_comment(request: ApiRequest, number: int, comment: NewComment) -> Status[dict[str, Any]]:
    """Comment on a ticket."""
    ticket = find_ticket(request.user, number)
    once = Once(request)
    if once.is_first:
        made = writing.add_comment(ticket, by=request.user, **comment.model_dump())
        once.done(made.pk)
    readable = readable_comments(request.user, ticket).select_related("created_by")
    return Status(201, _comment(get_object_or_404(readable, pk=once.result)))


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "author": actor_name(comment.created_by, comment.impersonator_id),
        "text": comment.text,
        "is_internal": comment.is_internal,
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
        "files": [str(file.pk) for file in comment.files.all()],
    }


@router.post("/files", auth=Token(Scope.SUBMIT), response={201: StoredFile})
def upload_file(request: ApiRequest, file: File[UploadedFile]) -> Status[dict[str, Any]]:
    """Upload a file for a form or a comment. It is removed after a day if nothing names it."""
    once = Once(request, content=b"".join([(file.name or "").encode(), *file.chunks()]))
    if once.is_first:
        file.seek(0)
        try:
            once.done(files.upload_file(file, by=request.user).pk)
        except files.FileRefusedError as refusal:
            raise RequestRefusedError(422, str(refusal)) from refusal
    stored = find_file(request.user, once.result)
    return Status(
        201,
        {"id": str(stored.pk), "name": stored.filename, "media_type": stored.file_type, "size": stored.size},
    )


@router.get("/files/{int:file_id}", auth=Token(Scope.READ), include_in_schema=True, response={200: None})
def download_file(request: ApiRequest, file_id: int) -> HttpResponse:
    """Download a file."""
    return send_file(find_file(request.user, file_id))
