"""The form that requests a report."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.http import Form
from users.models import CustomUser
from workflow_design.models import WorkflowLine
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.reports.periods import MOST_MONTHS, Period, is_too_long


class ReportForm(Form):
    """A workflow (or all that the person administers) and a period; sent twice, it requests one report."""

    workflow = forms.ChoiceField(label=gettext_lazy("Workflow"), required=False)
    period = forms.ChoiceField(
        label=gettext_lazy("Period"),
        choices=Period.choices,
        initial=Period.LAST_MONTH,
        widget=forms.RadioSelect,
    )
    since = DayField(
        label=gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy("Only for a period from one day to another, such as 2030-01-31."),
    )
    until = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("At most 13 months after the first day."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, by: CustomUser, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={**(initial or {}), "token": uuid.uuid4()})
        company = by.company_in_use
        assert company is not None
        self._today = timezone.localdate(timezone=ZoneInfo(company.time_zone))
        titles = sorted(Scope.of(by).titles.items(), key=lambda each: each[1].casefold())
        choice = cast("forms.ChoiceField", self.fields["workflow"])
        choice.choices = [("", _("All that you administer")), *titles]

    def clean(self) -> dict[str, Any]:
        """Set the first and last day, and refuse a period that is too long or has not begun."""
        super().clean()
        values = self.cleaned_data
        if values.get("period") not in (None, Period.DAYS):
            values["since"], values["until"] = Period(values["period"]).days(self._today)
            for name in {"since", "until"} & set(self.errors):  # unused fields can't be wrong
                del self.errors[name]
        elif not {"since", "until", "period"} & set(self.errors):
            self._check_days(values["since"], values["until"])
        return values

    def _check_days(self, since: date | None, until: date | None) -> None:
        if since is None:
            self.add_error("since", _("Say with which day the period begins."))
        elif since > self._today:
            self.add_error("since", _("This day is still to come."))
        if until is None:
            self.add_error("until", _("Say with which day the period ends."))
        elif since and until < since:
            self.add_error("until", _("This day is before the first one."))
        elif since and is_too_long(since, until):
            text = _("This is more than %(months)d months after the first day. Choose an earlier day.")
            self.add_error("until", text % {"months": MOST_MONTHS})

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `ask_for_report`."""
        values = self.cleaned_data
        line = values["workflow"]
        return {
            "line": WorkflowLine.objects.get(pk=line) if line else None,
            "first_day": values["since"],
            "last_day": min(values["until"], self._today),
            "form_token": values["token"],
        }
