"""Comments as pages show them (`workflow_ops/includes/comment.html`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.safestring import SafeString

from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_design.workspace.controls import FileInfo
from workflow_ops.comments.audience import wrote
from workflow_ops.comments.mentions import mark_names
from workflow_ops.files import file_summary
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import Comment, CommentMention, FormerText, TicketInstance


@dataclass(frozen=True, slots=True)
class CommentEntry:
    """A comment with its text as HTML; `mentioned` are the people whom the text does not name itself."""

    comment: Comment
    who: str
    text: SafeString
    mentioned: list[str]
    files: list[FileInfo]
    former: list[FormerText]
    is_own: bool


def show_comments(
    comments: Sequence[Comment], *, reader: CustomUser, ticket: TicketInstance
) -> Mapping[int, CommentEntry]:
    """Return comments by id, for a reader who may read them; the ticket's admins get former texts, too.

    Their authors must be loaded. Takes at most four statements.
    """
    edited = [comment for comment in comments if comment.edited_at and not comment.deleted_at]
    administers = bool(edited) and may_administer_workflow(reader, ticket.workflow_instance.workflow)
    mentions = Prefetch("mentions", CommentMention.objects.select_related("person"))
    prefetch_related_objects(comments, mentions, "files")
    prefetch_related_objects(edited if administers else [], "former_texts")
    return {
        comment.pk: _show(comment, reader=reader, has_former=administers and comment in edited)
        for comment in comments
    }


def _show(comment: Comment, *, reader: CustomUser, has_former: bool) -> CommentEntry:
    names = [mention.person.get_full_name() for mention in comment.mentions.all()]
    text, mentioned = mark_names(comment.text, names)
    return CommentEntry(
        comment=comment,
        who=actor_name(comment.created_by, comment.impersonator_id),
        text=text,
        mentioned=mentioned,
        files=[file_summary(file) for file in comment.files.all()],
        former=list(comment.former_texts.all()) if has_former else [],
        is_own=not comment.deleted_at and wrote(reader, comment),
    )
