"""Saved views: filters, order and columns of a desk list, under a name."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.models import CustomUser

MAX_QUERY_LENGTH = 2000


class DeskList(models.TextChoices):
    """The lists whose views can be saved; the values are used in URLs."""

    TICKETS = "tickets", _("Tickets")
    TASKS = "tasks", _("Tasks")
    ERRORS = "errors", _("Errors")


class SavedView(TenantModel):
    """A view of a list, private or shared. The one without a name stores the owner's columns of the list."""

    desk_list = models.CharField(max_length=10, choices=DeskList.choices)
    name = models.CharField(_("name"), max_length=100, blank=True)
    # The URL parameters of the list. They are validated like any others whenever the view is opened.
    query = models.CharField(max_length=MAX_QUERY_LENGTH, blank=True)
    columns = ArrayField(models.CharField(max_length=110), default=list, blank=True)
    owner = models.ForeignKey(
        CustomUser, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    is_shared = models.BooleanField(_("shared"), default=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint("owner", "desk_list", Lower("name"), name="saved_view_name"),
            models.CheckConstraint(condition=~Q(name="", is_shared=True), name="shared_view_has_a_name"),
            SameCompany(field="owner"),
        ]
        indexes = [
            models.Index(fields=["company", "desk_list"], condition=Q(is_shared=True), name="shared_views"),
        ]

    def __str__(self) -> str:
        return self.name
