"""Files that people attach in forms. The value of a file field is the file's id as a string."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.audit import AuditKind
from workflow_ops.models.audit import ticket_trigger
from workflow_ops.models.authors import impersonator_column, person_column, where_set
from workflow_ops.models.comments import Comment
from workflow_ops.models.tickets import TicketInstance


class FileUpload(TenantModel):
    """A file, stored under a random key and displayed with its cleaned name.

    `ticket` is set when a form with the file is accepted, and `comment` if it was attached to a comment: then
    the readers of that may see the file. Until then, only the uploader may see it, and it is removed after a
    day.
    """

    filename = models.CharField(_("name"), max_length=255)
    version = models.PositiveIntegerField(default=1)
    ext_key = models.CharField(max_length=100)
    file_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    checksum = models.CharField(max_length=64)
    ticket = models.ForeignKey(
        TicketInstance, on_delete=models.CASCADE, db_constraint=False, null=True, related_name="files"
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True, related_name="files"
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    uploaded_by = person_column()
    impersonator = impersonator_column()

    class Meta(TenantModel.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["ext_key"], name="file_key"),
            *SameCompany.each("ticket", "comment", "uploaded_by"),
        ]
        indexes = [
            models.Index("uploaded_at", condition=models.Q(ticket=None), name="unused_files"),
            *where_set("uploaded_by", "impersonator"),
        ]
        triggers = [
            ticket_trigger(
                AuditKind.COMMENT, label="{row}.filename", exclude="ext_key checksum version comment"
            )
        ]

    def __str__(self) -> str:
        return self.filename
