"""CSV files of lists that are too long to be created within a request."""

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
    """A CSV file of a list, created in parts by a job with the rights of the person, who alone may read it.

    `filters` is the query string of the list, with its order. `place` is the cursor behind the last row so
    far: its sort value and id. `parts` are the storage keys of the parts, and `size` is their total size in
    bytes.
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
