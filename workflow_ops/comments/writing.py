"""Functions that add, edit and delete comments."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_ops.access import may_see_ticket
from workflow_ops.comments.audience import may_read, may_read_internal, wrote
from workflow_ops.comments.mentions import meant_by
from workflow_ops.engine.run_rows import one_transaction
from workflow_ops.engine.timeline import record
from workflow_ops.files import attach_files, row_ids
from workflow_ops.models import (
    Comment,
    CommentMention,
    FileUpload,
    FormerText,
    TicketInstance,
    TimelineKind,
)
from workflow_ops.refusals import CommentChangedError, NotAllowedError
from workflow_ops.search.documents import store_documents


def add_comment(
    ticket: TicketInstance,
    *,
    text: str,
    by: CustomUser,
    is_internal: bool = False,
    mentions: Collection[int] = (),
    files: Collection[str] = (),
    form_token: uuid.UUID | None = None,
) -> Comment:
    """Add a comment with its timeline entry, and make it searchable.

    `files` are ids of files that the person uploaded. People who may not read it are not mentioned.
    If there is a comment with this token, the form was sent twice: return that one.
    Raise NotAllowedError, also if there is no text, or a file belongs to another comment.
    """
    with transaction.atomic():  # a file that is refused undoes the comment
        if not may_see_ticket(by, ticket):
            raise NotAllowedError
        _check(ticket, text=text, is_internal=is_internal, by=by)
        values = {"ticket": ticket, "text": text.strip(), "is_internal": is_internal, **by.as_author()}
        # Of two simultaneous requests, the second waits for the first and then finds its comment.
        comment, is_new = Comment.objects.get_or_create(
            form_token=form_token or uuid.uuid4(), defaults=values
        )
        if not is_new:
            return comment
        record(ticket, TimelineKind.COMMENTED, by=by, comment=comment)
        _keep_mentions(comment, mentions)
        if attach_files(ticket, files, by=by, comment=comment) < len(row_ids(files)):
            raise NotAllowedError(_("A file belongs to another comment by now. Please attach it again."))
        store_documents(TicketInstance.objects.filter(pk=ticket.pk))
        return comment


def edit_comment(
    comment: Comment,
    *,
    text: str,
    seen: datetime | None,
    by: CustomUser,
    is_internal: bool = False,
    mentions: Collection[int] = (),
    files: Collection[str] = (),
) -> None:
    """Edit one's own comment. Its previous text is stored for the ticket's admins.

    `seen` is the time of the last edit when the form was opened. Files that are not among `files` are
    removed. Raise NotAllowedError, or CommentChangedError if it was edited or deleted meanwhile.
    """
    with one_transaction():
        fresh = _lock_own(comment, by=by)
        if fresh.deleted_at or fresh.edited_at != seen:
            raise CommentChangedError(fresh)
        _check(fresh.ticket, text=text, is_internal=is_internal, by=by)
        if fresh.text != text.strip():
            FormerText.objects.create(comment=fresh, text=fresh.text)
        is_made_public = fresh.is_internal and not is_internal
        fresh.text, fresh.is_internal, fresh.edited_at = text.strip(), is_internal, timezone.now()
        fresh.save(update_fields=["text", "is_internal", "edited_at"])
        mentioned = _keep_mentions(fresh, mentions)
        if mentioned or is_made_public:
            record(
                fresh.ticket,
                TimelineKind.COMMENT_EDITED,
                by=by,
                comment=fresh,
                mentioned=mentioned,
                is_made_public=is_made_public,
            )
        _detach_files(fresh, but=files)
        attach_files(fresh.ticket, files, by=by, comment=fresh)
        store_documents(TicketInstance.objects.filter(pk=fresh.ticket_id))


def delete_comment(comment: Comment, *, by: CustomUser) -> None:
    """Delete one's own comment with its former texts, mentions and files; only a placeholder remains.

    Do nothing if it is deleted. Raise NotAllowedError.
    """
    with one_transaction():
        fresh = _lock_own(comment, by=by)
        if fresh.deleted_at:
            return
        # A new token, so that going back and sending the form again adds the comment again.
        fresh.text, fresh.deleted_at, fresh.form_token = "", timezone.now(), uuid.uuid4()
        fresh.save(update_fields=["text", "deleted_at", "form_token"])
        fresh.former_texts.all().delete()
        fresh.mentions.all().delete()
        _detach_files(fresh)
        store_documents(TicketInstance.objects.filter(pk=fresh.ticket_id))


def _check(ticket: TicketInstance, *, text: str, is_internal: bool, by: CustomUser) -> None:
    if not text.strip():
        raise NotAllowedError(_("A comment needs some text."))
    if is_internal and not may_read_internal(by, ticket):
        raise NotAllowedError(_("You may not write internal comments on this ticket."))


def _lock_own(comment: Comment, *, by: CustomUser) -> Comment:
    rows = Comment.objects.select_for_update(of=("self",)).select_related(
        "ticket__workflow_instance__workflow"
    )
    fresh = rows.get(pk=comment.pk)
    if not wrote(by, fresh) or not may_read(by, fresh):
        raise NotAllowedError
    return fresh


def _keep_mentions(comment: Comment, people: Iterable[int]) -> list[int]:
    """Store the comment's mentions: the given people and those named in its text, if they may read it.

    Return the newly mentioned people, who may be notified. The caller holds the comment's lock, so that
    simultaneous edits do not add a person twice.
    """
    wanted = meant_by(comment, set(people))
    comment.mentions.exclude(person__in=wanted).delete()
    before = set(comment.mentions.values_list("person", flat=True))
    new = [person.pk for person in wanted if person.pk not in before]
    CommentMention.objects.bulk_create(CommentMention(comment=comment, person_id=pk) for pk in new)
    return new


def _detach_files(comment: Comment, *, but: Iterable[str] = ()) -> None:
    """Detach files from a comment; `remove_unused_files` deletes them later."""
    files = FileUpload.objects.filter(comment=comment).exclude(pk__in=row_ids(but))
    files.update(ticket=None, comment=None)
