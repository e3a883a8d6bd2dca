"""Stored report of the check for each version (`docs/check.md`)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.ordered_json import OrderedJSONField
from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from workflow_design.check.acceptance import accept
from workflow_design.check.findings import CheckReport, Finding
from workflow_design.models.definitions import WorkflowDefinition

DIGEST_LENGTH = 64


class CheckStatus(models.TextChoices):
    """Progress of the check of a version."""

    PENDING = "PENDING", _("Being checked")
    """The findings of the quick check are stored; a job is completing them."""
    CHECKED = "CHECKED", _("Checked")


class DefinitionCheck(TenantModel):
    """The report on one version. It is derived from the version, so the audit log leaves it out."""

    workflow = models.OneToOneField(
        WorkflowDefinition, on_delete=models.CASCADE, db_constraint=False, related_name="check_row"
    )
    status = models.CharField(_("status"), max_length=10, choices=CheckStatus.choices)
    digest = models.CharField(_("digest of what was checked"), max_length=DIGEST_LENGTH)
    findings = OrderedJSONField(_("findings"), default=list)
    is_complete = models.BooleanField(_("all ways were tried"))
    is_exact = models.BooleanField(_("with all values that make a difference"))
    states = models.PositiveIntegerField(_("states"))
    writes = models.PositiveIntegerField(_("writes"))
    checked_at = models.DateTimeField(_("checked"))
    without_people = models.JSONField(_("tasks that nobody could be given"), default=list)
    """The titles of these tasks when people or roles changed last, so that only what is worse is told."""

    class Meta(TenantModel.Meta):
        verbose_name = _("check of a version")
        verbose_name_plural = _("checks of versions")
        constraints = [*TenantModel.Meta.constraints, SameCompany(field="workflow")]

    def __str__(self) -> str:
        return f"{self.workflow}: {self.get_status_display()}"

    @property
    def report(self) -> CheckReport:
        """The stored findings and numbers as a report, with what the version accepts now."""
        findings = tuple(map(Finding.from_json, self.findings))
        report = CheckReport(findings, self.is_complete, self.states, self.writes, self.is_exact)
        return accept(report, self.workflow.accepted)
