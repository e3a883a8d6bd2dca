"""Comments on tickets, their mentions, and followers of tickets."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.audit import AuditKind
from users.models import CustomUser
from workflow_ops.models.audit import ticket_trigger
from workflow_ops.models.authors import impersonator_column, person_column, where_set
from workflow_ops.models.tickets import TicketInstance

# A comment counts as a change of its ticket, by which lists sort. The time always increases, so that the
# search document is never overwritten with an older text (`workflow_ops/search/documents.py`).
_CHANGE_TICKET = """
    UPDATE workflow_ops_ticketinstance SET changed_at = greatest(
        coalesce(NEW.deleted_at, NEW.edited_at, NEW.created_at), changed_at + interval '1 microsecond')
    WHERE id = NEW.ticket_id AND company_id = NEW.company_id;
    RETURN NULL;
"""


class Comment(TenantModel):
    """A comment on a ticket (`docs/access.md`, "Comments"). A deleted one remains as an empty placeholder.

    `form_token` identifies the form and its content, so that a form sent twice makes one comment.
    The audit log records who wrote, edited or deleted it, never the text.
    """

    ticket = models.ForeignKey(
        TicketInstance, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="comments"
    )
    text = models.TextField(_("comment"), max_length=5000)
    is_internal = models.BooleanField(_("internal"), default=False, db_default=False)
    form_token = models.UUIDField(default=uuid.uuid4, editable=False)
    created_by = person_column()
    impersonator = impersonator_column()
    created_at = models.DateTimeField(_("said"), auto_now_add=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["company", "form_token"], name="comment_form_once"),
            models.CheckConstraint(condition=Q(deleted_at=None) | Q(text=""), name="deleted_text_is_gone"),
            *SameCompany.each("ticket", "created_by"),
        ]
        indexes = [
            models.Index(fields=["ticket", "-id"], name="comments_newest"),
            *where_set("created_by", "impersonator"),
        ]
        triggers = [
            ticket_trigger(AuditKind.COMMENT, exclude="ticket text form_token"),
            pgtrigger.Trigger(
                name="tell_ticket",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_CHANGE_TICKET,
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class FormerText(TenantModel):
    """The text of a comment before it was edited, visible to the ticket's admins."""

    site_privileges = ("SELECT", "INSERT", "DELETE")

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, db_constraint=False, related_name="former_texts"
    )
    text = models.TextField(_("text"))
    replaced_at = models.DateTimeField(_("replaced"), auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("former text of a comment")
        verbose_name_plural = _("former texts of comments")
        constraints = [*TenantModel.Meta.constraints, SameCompany(field="comment")]

    def __str__(self) -> str:
        return self.text[:80]


class CommentMention(TenantModel):
    """A person whom a comment mentions. They are notified; a mention gives no rights."""

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="mentions"
    )
    person = models.ForeignKey(CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["comment", "person"], name="mentioned_once"),
            *SameCompany.each("comment", "person"),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.person}"


class TicketFollower(TenantModel):
    """A person who gets notifications about a ticket while they may see it. This gives no rights."""

    ticket = models.ForeignKey(
        TicketInstance,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="followers",
    )
    person = models.ForeignKey(CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("follower of a ticket")
        verbose_name_plural = _("followers of tickets")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["ticket", "person"], name="follows_once"),
            *SameCompany.each("ticket", "person"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.person}"
