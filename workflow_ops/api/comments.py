"""What happened in tickets and was said about them, and files."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import File, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, Field

from users.models import Scope
from workflow_design.access import may_see_conditions
from workflow_design.persistence.plans import load_fields
from workflow_ops import files
from workflow_ops.api.calls import ApiRequest, Once, RowId, Token, do_once, made_once
from workflow_ops.api.lists import Page
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.comments import writing
from workflow_ops.comments.audience import may_read_internal, readable_comments
from workflow_ops.comments.forms import MAX_COMMENT_LENGTH
from workflow_ops.comments.showing import CommentEntry
from workflow_ops.history.timeline_wording import TimelineEntry, actor_name
from workflow_ops.models import Comment
from workflow_ops.work.downloads import send_file
from workflow_ops.work.finding import find_file, find_own_comment, find_ticket
from workflow_ops.work.ticket_page import timeline_page

router = Router(tags=["Tickets"])
MOST_COMMENTS = 100


class NewComment(Schema, extra="forbid"):
    """A comment to add. Who may read internal ones can write them, too."""

    text: str = Field(min_length=1, max_length=MAX_COMMENT_LENGTH)
    is_internal: bool = False
    mentions: list[RowId] = Field([], description="Ids of people", max_length=50)
    files: list[str] = Field([], description="Ids of files that you have uploaded", max_length=20)


class EditedComment(NewComment):
    """A comment as it is to be from now on."""

    edited_at: AwareDatetime | None = Field(description="As you have read it, to find out other edits.")


class CommentOut(Schema):
    """A comment on a ticket."""

    id: int
    author: str
    text: str
    is_internal: bool
    created_at: datetime
    edited_at: datetime | None
    files: list[str]


class Event(Schema):
    """Something that happened. `why` names what decided, for those who may see that."""

    at: datetime
    who: str
    text: str
    comment: str
    why: list[str]


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

    def add() -> int:
        return writing.add_comment(ticket, by=request.user, **comment.model_dump()).pk

    made = made_once(request, add)
    readable = readable_comments(request.user, ticket).select_related("created_by")
    return Status(201, _comment(get_object_or_404(readable, pk=made)))


@router.post(
    "/tickets/{int:number}/comments/{int:comment_id}/edit", auth=Token(Scope.SUBMIT), response=CommentOut
)
def edit_comment(request: ApiRequest, number: int, comment_id: int, comment: EditedComment) -> dict[str, Any]:
    """Replace a comment of your own by another text. If it was edited since, the answer is 412."""
    found = find_own_comment(request.user, number, comment_id)
    if Once(request).is_first:
        values = comment.model_dump(exclude={"edited_at"})
        writing.edit_comment(found, by=request.user, seen=comment.edited_at, **values)
    readable = readable_comments(request.user, found.ticket).select_related("created_by")
    return _comment(get_object_or_404(readable, pk=comment_id))


@router.post(
    "/tickets/{int:number}/comments/{int:comment_id}/delete", auth=Token(Scope.SUBMIT), response={204: None}
)
def delete_comment(request: ApiRequest, number: int, comment_id: int) -> Status[None]:
    """Delete a comment of your own, with its files. This can't be undone."""
    found = find_own_comment(request.user, number, comment_id)
    do_once(request, lambda: writing.delete_comment(found, by=request.user))
    return Status(204, None)


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


# --- Timeline ------------------------------------------------------------------------


@router.get("/tickets/{int:number}/timeline", auth=Token(Scope.READ), response=Page[Event])
def read_timeline(request: ApiRequest, number: int, before: RowId | None = None) -> dict[str, Any]:
    """Read what has happened in a ticket, the newest first: what was done by whom, and what followed."""
    ticket = find_ticket(request.user, number)
    run = ticket.workflow_instance
    page = timeline_page(
        ticket,
        fields=load_fields(run.workflow),
        before=str(before or ""),
        reader=request.user,
        explains=may_see_conditions(request.user, run.workflow),
        reads_internal=may_read_internal(request.user, ticket),
    )
    older = f"{request.path}?before={page.older}" if page.older else None
    return {"items": [_event(entry) for entry in page.entries], "next": older, "previous": None}


def _event(entry: TimelineEntry) -> dict[str, Any]:
    said = entry.said.comment.text if isinstance(entry.said, CommentEntry) else ""
    return {
        "at": entry.at,
        "who": entry.who,
        "text": entry.text,
        "comment": said or entry.comment,
        "why": entry.why,
    }


# --- Files ---------------------------------------------------------------------------


@router.post("/files", auth=Token(Scope.SUBMIT), response={201: StoredFile})
def upload_file(request: ApiRequest, file: File[UploadedFile]) -> Status[dict[str, Any]]:
    """Upload a file for a form or a comment. It is removed after a day if nothing names it."""

    def upload() -> int:
        file.seek(0)
        try:
            return files.upload_file(file, by=request.user).pk
        except files.FileRefusedError as refusal:
            raise RequestRefusedError(422, str(refusal)) from refusal

    content = chain([(file.name or "").encode(), b"\0"], file.chunks())
    stored = find_file(request.user, made_once(request, upload, content=content))
    return Status(
        201,
        {"id": str(stored.pk), "name": stored.filename, "media_type": stored.file_type, "size": stored.size},
    )


@router.get("/files/{int:file_id}", auth=Token(Scope.READ), include_in_schema=True, response={200: None})
def download_file(request: ApiRequest, file_id: int) -> HttpResponse:
    """Download a file."""
    return send_file(find_file(request.user, file_id))
