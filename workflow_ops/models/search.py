"""Search documents: the texts of a ticket that people can see, and the index of their words."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from workflow_ops.models.tickets import TicketInstance


class Audience(models.TextChoices):
    """Who may find a text. The value is the prefix of each of its words in the index."""

    EVERYBODY = "a", _("Everybody on the ticket")
    INSIDE = "i", _("Who may read internal comments")
    ADMINS = "z", _("Ticket admins")


class TicketDocument(TenantModel):
    """The searched texts of a ticket. `parts` has a list of labels and texts for each audience.

    `words` has their words, each prefixed with the letter of its audience, and the workflow as "*<id of its
    line>". `people` are the people whom the texts name. `built_for` is the `changed_at` of the ticket for
    which it was built: if they differ, it is out of date.
    """

    ticket = models.OneToOneField(
        TicketInstance, on_delete=models.CASCADE, db_constraint=False, related_name="document"
    )
    number = models.PositiveBigIntegerField()
    parts = models.JSONField()
    words = SearchVectorField()
    people = ArrayField(models.BigIntegerField())
    built_for = models.DateTimeField()

    class Meta(TenantModel.Meta):
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        # The index of the words is in `workflow_ops/migrations/0005_search.py`, after the function that it
        # needs.
        constraints = [*TenantModel.Meta.constraints, SameCompany(field="ticket")]

    def __str__(self) -> str:
        return f"#{self.number}"
