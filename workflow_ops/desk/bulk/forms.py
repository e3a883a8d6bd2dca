"""The form with the arguments of a bulk action."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from users.models import CustomUser
from workflow_ops.desk.bulk.operations import OPERATIONS, TICKETS
from workflow_ops.desk.forms import HoldForm, NoteForm, offer_admins, offer_new_assignees
from workflow_ops.models import BulkOperation, TaskInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES


class BulkForm(NoteForm, HoldForm):
    """The arguments of an operation, and a token, so that a form sent twice starts only one bulk action.

    `seen` is the digest of the rows that the page showed.
    """

    person = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=_("Person"),
        required=False,
        empty_label=_("Nobody: anyone who may do it can take it"),
        help_text=_(
            "People with a role for at least one of these tasks, those with the fewest open tasks first."
        ),
    )
    people = forms.ModelMultipleChoiceField(
        CustomUser.objects.none(),
        label=_("People"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("If you select nobody, everyone with a suitable role may do the tasks."),
    )
    responsible = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=_("Responsible person"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("People who may administer at least one of these tickets."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)

    field_order = ("person", "people", "responsible", "until", "resumes_by_itself", "reason", "note")

    def __init__(
        self, data: Any, *, operation: BulkOperation, rows: QuerySet[Any], digest: str, by: CustomUser
    ) -> None:
        super().__init__(data, by=by)
        self.initial = {"token": uuid.uuid4(), "seen": digest}
        asks = OPERATIONS[operation].asks
        for name in set(self.fields) - {"token", "seen", "note", *asks}:
            del self.fields[name]
        if "reason" in asks:
            del self.fields["note"]
        for name in {"person", "people"} & set(asks):
            offer_new_assignees(self.fields[name], self._tasks(operation, rows))
        if "responsible" in asks:
            offer_admins(self.fields["responsible"], rows)

    def _tasks(self, operation: BulkOperation, rows: QuerySet[Any]) -> QuerySet[TaskInstance]:
        if OPERATIONS[operation].of != TICKETS:
            return rows
        runs = rows.order_by().values("workflow_instance")
        return TaskInstance.objects.filter(workflow_instance__in=runs, status__in=UNFINISHED_STATUSES)

    @property
    def is_outdated(self) -> bool:
        """True if the page showed other rows than those that are selected now."""
        return self.is_bound and self.data.get("seen") != self.initial["seen"]

    def take_note_of_rows(self) -> None:
        """Set the digest of the rows that are selected now, for showing the form again."""
        if self.is_bound:
            cast("QueryDict", self.data)["seen"] = self.initial["seen"]

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `start_bulk_action`."""
        values = self.cleaned_data
        more: dict[str, Any] = {}
        if person := values.get("person") or values.get("responsible"):
            more["person"] = person.pk
        if people := values.get("people"):
            more["people"] = [each.pk for each in people]
        if until := values.get("until"):
            more |= {"until": until.isoformat(), "resumes_by_itself": values["resumes_by_itself"]}
        reason = values.get("reason") or values.get("note") or ""
        return {"form_token": values["token"], "reason": reason, "arguments": more}
