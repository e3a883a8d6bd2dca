"""Reports: numbers about the tickets and tasks of a period, computed by a job and kept."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from workflow_design.models import WorkflowLine
from workflow_ops.models.authors import impersonator_column, person_column, where_set


class ReportState(models.TextChoices):
    """The state of a report."""

    WAITING = "WAITING", _("Being made")
    READY = "READY", _("Ready")
    FAILED = "FAILED", _("Failed")


class Report(TenantModel):
    """A report on one workflow or, if `line` is null, on all that the person administered when they asked.

    `workflow_ids` are the versions that are counted; readers of the report must administer all of them.
    Days are those of `time_zone`, the company's time zone when the report was requested. `result` has the
    rows of each table computed so far, by the table's name; `seconds` is the database time used so far.
    """

    line = models.ForeignKey(
        WorkflowLine, on_delete=models.CASCADE, db_constraint=False, null=True, related_name="+"
    )
    workflow_ids = ArrayField(models.BigIntegerField())
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    time_zone = models.CharField(max_length=64)
    form_token = models.UUIDField(editable=False)
    person = person_column()
    impersonator = impersonator_column()
    state = models.CharField(
        _("state"), max_length=7, choices=ReportState.choices, default=ReportState.WAITING
    )
    result = models.JSONField(default=dict)
    seconds = models.FloatField(default=0)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    computed_at = models.DateTimeField(_("computed"), null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["company", "form_token"], name="report_once"),
            *SameCompany.each("line", "person"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="reports_by_age"),
            *where_set("person", "impersonator"),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} - {self.last_day} ({self.get_state_display()})"

    @property
    def begins_at(self) -> datetime:
        """The moment at which the period begins."""
        return self._midnight(self.first_day)

    @property
    def ends_at(self) -> datetime:
        """The end of the period, or the time of the request if that is earlier."""
        return min(self._midnight(self.last_day + timedelta(days=1)), self.created_at)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=ZoneInfo(self.time_zone))
