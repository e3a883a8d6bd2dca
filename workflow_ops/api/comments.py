"""Comments and timelines of tickets, and files."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import chain
from typing import Any, Final

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import File, Router, Schema, Status, UploadedFile
from pydantic import Field

from ticketflower.listing import Sort, list_page
from users.models import CustomUser, Scope
from workflow_design.access import may_see_conditions
from workflow_design.definition.problems import Problem, pointer
from workflow_design.persistence.plans import load_fields
from workflow_ops import files
from workflow_ops.api.bodies import Moment
from workflow_ops.api.calls import ApiRequest, RowId, Token, create_idempotently, run_idempotently
from workflow_ops.api.lists import Before, Page, list_parameters, page_of
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.comments import writing
from workflow_ops.comments.audience import is_internal_at_first, may_read_internal, readable_comments
from workflow_ops.comments.forms import MAX_COMMENT_LENGTH
from workflow_ops.comments.showing import CommentEntry
from workflow_ops.history.timeline_wording import TimelineEntry, actor_name
from workflow_ops.models import Comment, TicketInstance
from workflow_ops.work.downloads import send_file
from workflow_ops.work.finding import find_file, find_own_comment, find_ticket
from workflow_ops.work.ticket_page import timeline_page

router = Router(tags=["Tickets"])
_SORTS: Final = (Sort("written", gettext_lazy("Written"), "id", descending=True),)


class NewComment(Schema, extra="forbid"):
    """A comment to add."""

    text: str = Field(min_length=1, max_length=MAX_COMMENT_LENGTH, description="The whole text.")
    is_internal: bool | None = Field(
        None,
        description="True if only people who work on the ticket may read it. By default, true if you may "
        "write such comments, except on your own ticket.",
    )
    mentions: list[RowId] = Field([], description="Ids of people to mention.", max_length=50)
    files: list[str] = Field([], description="Ids of files that you have uploaded.", max_length=20)


class EditedComment(Schema, extra="forbid"):
    """The new content of a comment. Members that are null or left out do not change."""

    text: str = Field(min_length=1, max_length=MAX_COMMENT_LENGTH, description="The whole new text.")
    is_internal: bool | None = Field(
        None, description="True if only people who work on the ticket may read it."
    )
    mentions: list[RowId] | None = Field(None, description="Ids of all people to mention.", max_length=50)
    files: list[str] | None = Field(
        None, description="Ids of all its files. Those that are not listed are removed.", max_length=20
    )
    edited_at: Moment | None = Field(
        description="`edited_at` as you read it (null if never edited). 412 if it differs by now."
    )


class CommentItem(Schema):
    """A comment on a ticket."""

    id: int
    author: str
    text: str
    is_internal: bool = Field(description="True if only people who work on the ticket may read it.")
    created_at: datetime
    edited_at: datetime | None
    mentions: list[int] = Field(description="Ids of the people whom it mentions.")
    files: list[str] = Field(description="Ids of its files, for `download_file`.")


class Event(Schema):
    """An event in the history of a ticket."""

    at: datetime
    who: str
    text: str = Field(description="What happened, in a sentence.")
    comment: str = Field(description="The comment, reason or note that belongs to it, or “”.")
    why: list[str] = Field(description="Rules that caused it; empty if you may not see the conditions.")


class StoredFile(Schema):
    """An uploaded file."""

    id: str = Field(description="Value for a field of files in a form, and for `files` of a comment.")
    name: str
    media_type: str
    size: int = Field(description="Size in bytes.")


@router.get(
    "/tickets/{int:number}/comments",
    auth=Token(Scope.READ),
    response=Page[CommentItem],
    openapi_extra=list_parameters({}, _SORTS),
)
def list_comments(request: ApiRequest, number: int) -> dict[str, Any]:
    """List the comments on a ticket that you may read, newest first."""
    ticket = find_ticket(request.user, number)
    found = readable_comments(request.user, ticket).filter(deleted_at=None)
    found = found.select_related("created_by").prefetch_related("mentions", "files")
    page = list_page(request, found, sorts=_SORTS, counts=False)
    return page_of(request, (Form(), page), _describe)


@router.post("/tickets/{int:number}/comments", auth=Token(Scope.SUBMIT), response={201: CommentItem})
def add_comment(request: ApiRequest, number: int, comment: NewComment) -> Status[dict[str, Any]]:
    """Add a comment to a ticket. Mentions of people who may not read the comment are ignored."""
    person = request.user
    ticket = find_ticket(person, number)

    def add() -> int:
        is_internal = comment.is_internal
        if is_internal is None:
            is_internal = is_internal_at_first(person, ticket)
        return writing.add_comment(
            ticket,
            text=comment.text,
            is_internal=is_internal,
            mentions=comment.mentions,
            files=_attachable(comment.files, by=person),
            by=person,
        ).pk

    return Status(201, _read(person, ticket, create_idempotently(request, add)))


@router.post(
    "/tickets/{int:number}/comments/{int:comment_id}/edit", auth=Token(Scope.SUBMIT), response=CommentItem
)
def edit_comment(request: ApiRequest, number: int, comment_id: int, comment: EditedComment) -> dict[str, Any]:
    """Edit your own comment. 412 if it was edited or deleted since you read it."""
    person = request.user
    found = find_own_comment(person, number, comment_id)

    def edit() -> None:
        # Members that the request leaves out keep their present values: `seen` detects a simultaneous edit.
        now = _describe(found)
        values = {name: now[name] for name in ("is_internal", "mentions", "files")}
        values |= comment.model_dump(exclude={"edited_at"}, exclude_none=True)
        values["files"] = _attachable(values["files"], by=person, also=now["files"])
        writing.edit_comment(found, by=person, seen=comment.edited_at, **values)

    run_idempotently(request, edit)
    return _read(person, found.ticket, comment_id)


@router.post(
    "/tickets/{int:number}/comments/{int:comment_id}/delete", auth=Token(Scope.SUBMIT), response={204: None}
)
def delete_comment(request: ApiRequest, number: int, comment_id: int) -> Status[None]:
    """Delete your own comment, with its files. This can't be undone."""
    found = find_own_comment(request.user, number, comment_id)
    run_idempotently(request, lambda: writing.delete_comment(found, by=request.user))
    return Status(204, None)


def _attachable(ids: Collection[str], *, by: CustomUser, also: Collection[str] = ()) -> list[str]:
    """Return the ids without duplicates. Raise RequestRefusedError for files that the person can't attach.

    `also` are the files that the comment already has.
    """
    known = {*also, *files.known_files(ids, by=by)}
    message = _("You have uploaded no such file, or it belongs to something else by now.")
    problems = [
        Problem(pointer("files", place), message, "unknown-reference")
        for place, key in enumerate(ids)
        if key not in known
    ]
    if problems:
        raise RequestRefusedError(422, _("The request is not valid."), problems=problems)
    return list(dict.fromkeys(ids))


def _read(person: CustomUser, ticket: TicketInstance, comment_id: int) -> dict[str, Any]:
    """Return a comment as the person reads it now. Raise Http404."""
    readable = readable_comments(person, ticket).select_related("created_by")
    return _describe(get_object_or_404(readable, pk=comment_id))


def _describe(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "author": actor_name(comment.created_by, comment.impersonator_id),
        "text": comment.text,
        "is_internal": comment.is_internal,
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
        "mentions": sorted(mention.person_id for mention in comment.mentions.all()),
        "files": [str(file.pk) for file in comment.files.all()],
    }


# --- Timeline ------------------------------------------------------------------------


@router.get("/tickets/{int:number}/timeline", auth=Token(Scope.READ), response=Page[Event])
def read_timeline(request: ApiRequest, number: int, before: Before = None) -> dict[str, Any]:
    """Read the history of a ticket in sentences, newest first: who did what, what followed, and comments."""
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
    """Upload a file, to name its id in a form or a comment. It is removed after a day if nothing does."""

    def upload() -> int:
        file.seek(0)  # with an idempotency key, the file was already read for the digest
        return files.upload_file(file, by=request.user).pk

    content = chain([(file.name or "").encode(), b"\0"], file.chunks())
    stored = find_file(request.user, create_idempotently(request, upload, content=content))
    return Status(
        201,
        {"id": str(stored.pk), "name": stored.filename, "media_type": stored.file_type, "size": stored.size},
    )


@router.get("/files/{int:file_id}", auth=Token(Scope.READ), include_in_schema=True, response={200: None})
def download_file(request: ApiRequest, file_id: int) -> HttpResponse:
    """Download a file of a ticket or comment that you may see, or one that you have uploaded."""
    return send_file(find_file(request.user, file_id))
