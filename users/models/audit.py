"""The audit log: one table of changes, which only triggers write."""

from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import CompanyWall
from ticketflower.tenancy.context import JOB, PAGE, PROGRAM
from ticketflower.tenancy.models import CompanyManager
from ticketflower.tenancy.privileges import READ_ONLY
from users.audit import AuditKind
from users.models.companies import Company


class AuditOperation(models.TextChoices):
    """The operation on the row."""

    INSERT = "insert", _("Added")
    UPDATE = "update", _("Changed")
    DELETE = "delete", _("Deleted")


@cache
def _models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


class AuditEvent(models.Model):
    """One change of one row (`docs/data-model.md`, "The audit log").

    The ids refer to rows that may have been deleted, so they are not foreign keys. `actor`, `label`,
    `subject` and the names in `changes` are those of the time of the change.
    """

    site_privileges = READ_ONLY

    # Null for staff, who belong to no company. No constraint, because checking it locks the company's row.
    company = models.ForeignKey(
        Company, on_delete=models.DO_NOTHING, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField(_("when"))
    act = models.BigIntegerField(_("act"))
    way = models.CharField(
        _("way"),
        max_length=4,
        choices=[(PAGE, _("Page")), (JOB, _("Job or command")), (PROGRAM, _("Program"))],
    )
    person_id = models.BigIntegerField(null=True)
    impersonator_id = models.BigIntegerField(null=True)
    actor = models.TextField(_("who"))
    token = models.TextField(_("token"))
    kind = models.CharField(_("kind"), max_length=8, choices=AuditKind.choices)
    operation = models.CharField(_("operation"), max_length=6, choices=AuditOperation.choices)
    table = models.CharField(_("table"), max_length=63)
    row_id = models.BigIntegerField()
    label = models.TextField()
    ticket = models.BigIntegerField(_("ticket"), null=True)
    workflow_id = models.BigIntegerField(null=True)
    subject = models.TextField()
    changes = models.JSONField()

    objects = CompanyManager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("audit log")
        constraints = [CompanyWall(name="auditevent_company_wall")]
        # An index for each filter of the page, in its order: newest act first.
        indexes = [
            models.Index(fields=["company", "act", "id"], name="audit_acts"),
            models.Index(fields=["company", "kind", "act"], name="audit_by_kind"),
            models.Index(fields=["company", "person_id", "act"], name="audit_by_person"),
            models.Index(
                fields=["company", "act"],
                condition=models.Q(impersonator_id__isnull=False),
                name="audit_by_staff",
            ),
            models.Index(
                fields=["company", "act"],
                condition=models.Q(person_id=None, impersonator_id=None),
                name="audit_by_system",
            ),
            models.Index(
                fields=["company", "ticket", "act"],
                condition=models.Q(ticket__isnull=False),
                name="audit_by_ticket",
            ),
            models.Index(
                fields=["company", "workflow_id", "act"],
                condition=models.Q(workflow_id__isnull=False),
                name="audit_by_workflow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()}: {self.label or self.subject}"

    @property
    def model(self) -> type[models.Model]:
        """The model of the changed row."""
        return _models()[self.table]

    def values(self, column: str) -> tuple[Any, Any]:
        """Return the value of a column before and after the change; None if there was no row."""
        change = self.changes.get(column)
        if self.operation == AuditOperation.UPDATE:
            return tuple(change) if change is not None else (None, None)
        return (None, change) if self.operation == AuditOperation.INSERT else (change, None)
