"""Links between tickets."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.audit import AuditKind
from workflow_ops.models.audit import ticket_trigger
from workflow_ops.models.authors import impersonator_column, person_column, where_set
from workflow_ops.models.tickets import TicketInstance


class LinkKind(models.TextChoices):
    """How two tickets are related."""

    RELATES = "RELATES", _("Relates to")
    DUPLICATE = "DUPLICATE", _("Duplicate of")


class TicketLink(TenantModel):
    """The only link between two tickets. If the kind is a duplicate, `ticket` is a duplicate of `other`."""

    kind = models.CharField(_("kind"), max_length=9, choices=LinkKind.choices)
    ticket = models.ForeignKey(
        TicketInstance, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    other = models.ForeignKey(
        TicketInstance,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("other ticket"),
    )
    created_by = person_column()
    impersonator = impersonator_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("link between tickets")
        verbose_name_plural = _("links between tickets")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                Least("ticket", "other"), Greatest("ticket", "other"), name="linked_once"
            ),
            models.CheckConstraint(condition=~Q(ticket=F("other")), name="not_linked_to_itself"),
            *SameCompany.each("ticket", "other", "created_by"),
        ]
        indexes = [
            models.Index(fields=["ticket", "id"], name="links_of_a_ticket"),
            models.Index(fields=["other", "id"], name="links_to_a_ticket"),
            *where_set("created_by", "impersonator"),
        ]
        triggers = [
            ticket_trigger(
                AuditKind.TICKET,
                label="(SELECT '#' || number FROM workflow_ops_ticketinstance WHERE id = {row}.other_id)",
                exclude="ticket created_by impersonator created_at",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.get_kind_display()} {self.other_id}"
