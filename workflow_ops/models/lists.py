"""Narrow denormalised tables by which lists filter and sort (`docs/speed.md`, "Lists").

Triggers write them, so that no code can forget to, and so that they cost no extra statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantCopy, TenantPart
from ticketflower.tenancy.privileges import READ_ONLY
from workflow_design.definition.workflow import MAX_FIELD_NAME_LENGTH, MAX_TITLE_LENGTH
from workflow_design.models import WorkflowLine
from workflow_ops.models.copies import NO_DUE_TIME
from workflow_ops.models.runs import RunStatus
from workflow_ops.models.tasks import TaskInstance, TaskStatus
from workflow_ops.models.tickets import NO_PRIORITY, TicketInstance

NOBODY: Final = 0
"""The assignee of a form that nobody has."""
MAX_VALUE_LENGTH: Final = 200

_TICKET_ORDERS: Final = {
    "number": ("ticket",),
    "change": ("changed_at", "ticket"),
    "wait": ("waiting_since", "ticket"),
    "priority": ("priority", "ticket"),
}
_CONTAINED: Final = ("ticket_status", "task", "due_order", "task_due_order")
_CONTAINED_OF_TASKS: Final = ("assignee", "priority", "task_due_order")


def _in_orders(name: str, *fields: str, include: Sequence[str] = ()) -> list[models.Index]:
    """Return an index of these fields for each order in which a list of tickets reads them."""
    return [
        models.Index(fields=["company", *fields, *order], include=include, name=f"{name}_{key}")
        for key, order in _TICKET_ORDERS.items()
    ]


class OpenTask(TenantCopy):
    """An unfinished task, with the sort columns of its ticket. Maintained by triggers on tasks and tickets.

    `due_order` is the due time of the ticket, `task_due_order` of the task; NO_DUE_TIME if there is none, or
    on hold.

    `assignee` is the id of a person, NOBODY for a form that nobody has, and null for an action.
    """

    site_privileges = READ_ONLY

    # A trigger deletes the row together with the task.
    task = models.OneToOneField(
        TaskInstance, on_delete=models.DO_NOTHING, db_constraint=False, related_name="open_row"
    )
    ticket = models.ForeignKey(
        TicketInstance, on_delete=models.DO_NOTHING, db_constraint=False, related_name="open_tasks"
    )
    line = models.ForeignKey(
        WorkflowLine, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    title = models.CharField(_("title"), max_length=MAX_TITLE_LENGTH)
    status = models.CharField(_("status"), max_length=12, choices=TaskStatus.choices)
    assignee = models.BigIntegerField(null=True)
    ticket_status = models.CharField(max_length=12, choices=RunStatus.choices)
    changed_at = models.DateTimeField()
    waiting_since = models.DateTimeField()
    priority = models.PositiveSmallIntegerField(default=NO_PRIORITY)
    due_order = models.DateTimeField(db_default=NO_DUE_TIME)
    task_due_order = models.DateTimeField(db_default=NO_DUE_TIME)
    created_at = models.DateTimeField(_("created"))

    class Meta(TenantCopy.Meta):
        verbose_name = _("open task")
        verbose_name_plural = _("open tasks")
        indexes = [
            models.Index(fields=["company", "line", "task"], name="open_tasks_of_a_line"),
            models.Index(fields=["company", "line", "priority", "task"], name="open_tasks_by_priority"),
            models.Index(
                fields=["company", "line", "task_due_order", "task"],
                include=["priority"],
                name="open_tasks_by_due",
            ),
            # In the other orders, up to a thousand of these are sorted in Python.
            models.Index(
                fields=["company", "assignee", "line", "task"],
                include=["status", "title", "priority", "task_due_order", "ticket_status"],
                name="open_tasks_by_assignee",
            ),
            models.Index(
                fields=["company", "line", "status", "task"],
                include=["title", *_CONTAINED_OF_TASKS],
                name="open_tasks_by_status",
            ),
            models.Index(
                fields=["company", "line", "title", "task"],
                include=["status", *_CONTAINED_OF_TASKS],
                name="open_tasks_by_title",
            ),
            *_in_orders("open_by_assignee", "line", "assignee", include=_CONTAINED),
            *_in_orders("open_by_title", "line", "title", include=_CONTAINED),
        ]

    def __str__(self) -> str:
        return self.title


class TicketFieldValue(TenantPart):
    """The value of a field by which lists are filtered, with the sort columns of its ticket.

    `value` is text: the value of a choice, "true" or "false", or the id of a person.
    """

    ticket = models.ForeignKey(
        TicketInstance,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="field_values",
    )
    line = models.ForeignKey(
        WorkflowLine, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    field = models.CharField(_("field"), max_length=MAX_FIELD_NAME_LENGTH)
    value = models.CharField(_("value"), max_length=MAX_VALUE_LENGTH)
    is_finished = models.BooleanField(db_default=False)
    changed_at = models.DateTimeField()
    waiting_since = models.DateTimeField()
    priority = models.PositiveSmallIntegerField(default=NO_PRIORITY)
    due_order = models.DateTimeField(db_default=NO_DUE_TIME)

    class Meta(TenantPart.Meta):
        verbose_name = _("value to filter by")
        verbose_name_plural = _("values to filter by")
        constraints = [
            *TenantPart.Meta.constraints,
            models.UniqueConstraint(fields=["ticket", "field"], name="field_value_once"),
            *SameCompany.each("ticket", "line"),
        ]
        indexes = _in_orders(
            "tickets_by_field", *("line", "field", "value", "is_finished"), include=["due_order"]
        )

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"
