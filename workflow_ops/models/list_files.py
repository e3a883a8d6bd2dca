"""CSV files of lists that are too long to be made in a request."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from workflow_ops.models.authors import StartedManager, impersonator_column, person_column, where_set
from workflow_ops.models.reports import ReportState
from workflow_ops.models.saved_views import DeskList


class ListFile(TenantModel):
    """A CSV file of a list, made part by part by a job as the person, for whom alone it is.

    `filters` is the query of the list's address, with the order. `place` is the key of the last row so far:
    what it is sorted by, and its id. `parts` are the keys of the parts in the storage, `size` their bytes.
    """

    desk_list = models.CharField(_("list"), max_length=10, choices=DeskList.choices)
    filters = models.TextField()
    form_token = models.UUIDField(editable=False)
    person = person_column()
    impersonator = impersonator_column()
    state = models.CharField(
        _("state"), max_length=7, choices=ReportState.choices, default=ReportState.WAITING
    )
    place = models.JSONField(null=True)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    parts = ArrayField(models.CharField(max_length=100), default=list)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)

    objects = StartedManager()  # type: ignore[misc]  # the plugin makes it an instance variable

    class Meta(TenantModel.Meta):
        verbose_name = _("CSV file of a list")
        verbose_name_plural = _("CSV files of lists")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["company", "form_token"], name="list_file_once"),
            *SameCompany.each("person"),
        ]
        indexes = [
            models.Index(fields=["company", "person", "-id"], name="list_files_newest"),
            models.Index(fields=["created_at"], name="list_files_by_age"),
            *where_set("impersonator"),
        ]

    def __str__(self) -> str:
        return f"{self.get_desk_list_display()}: {self.row_count} ({self.get_state_display()})"
