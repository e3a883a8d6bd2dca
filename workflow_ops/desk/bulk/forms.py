"""The form that asks what a bulk action needs to know."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from users.models import CustomUser
from workflow_design.models import TaskDefinition, TaskType
from workflow_design.workspace.controls import LinesField
from workflow_ops.desk.bulk.operations import OPERATIONS, TICKETS
from workflow_ops.desk.forms import MAX_PEOPLE, HoldForm, describe_person
from workflow_ops.desk.responsible import people_who_may_administer
from workflow_ops.engine.by_hand import people_with_a_role_for
from workflow_ops.models import BulkOperation, TaskInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.work.forms import MAX_REASON_LENGTH

MOST_DEFINITIONS = 20
"""The people to choose from are those with a role for one of this many kinds of tasks, or workflows."""


class BulkForm(HoldForm):
    """What an operation asks for, with a token, so that a form sent twice starts one bulk action.

    `seen` is the digest of the rows that the page named.
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
    note = LinesField(
        label=_("Note"),
        required=False,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands in the timeline of each ticket, for the people who get the tasks."),
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
        for name in set(self.fields) - {"token", "seen", *asks}:
            del self.fields[name]
        for name in {"person", "people"} & set(asks):
            self._list_people(name, rows, is_of_tickets=OPERATIONS[operation].of == TICKETS)
        if "responsible" in asks:
            self._list_admins(rows)

    def _list_people(self, name: str, rows: QuerySet[Any], *, is_of_tickets: bool) -> None:
        tasks: QuerySet[TaskInstance] = rows
        if is_of_tickets:
            runs = rows.order_by().values("workflow_instance")
            tasks = TaskInstance.objects.filter(workflow_instance__in=runs, status__in=UNFINISHED_STATUSES)
        forms_only = tasks.filter(task_definition__task_type=TaskType.FORM)
        kinds = forms_only.order_by("task_definition").values("task_definition").distinct()[:MOST_DEFINITIONS]
        able = people_with_a_role_for(TaskDefinition.objects.filter(pk__in=kinds))
        choice = cast("forms.ModelChoiceField[CustomUser]", self.fields[name])
        choice.queryset = able
        nobody = [("", choice.empty_label)] if name == "person" else []
        choice.choices = [*nobody, *((each.pk, describe_person(each)) for each in able[:MAX_PEOPLE])]

    def _list_admins(self, tickets: QuerySet[Any]) -> None:
        versions = tickets.order_by("workflow_instance__workflow").distinct()
        ids = versions.values_list("workflow_instance__workflow", flat=True)[:MOST_DEFINITIONS]
        choice = cast("forms.ModelChoiceField[CustomUser]", self.fields["responsible"])
        choice.queryset = people_who_may_administer(list(ids))
        listed = [(each.pk, each.get_name_and_state()) for each in choice.queryset[:MAX_PEOPLE]]
        choice.choices = [("", choice.empty_label), *listed]

    @property
    def is_outdated(self) -> bool:
        """True if the page named other rows than those that are selected now."""
        return self.is_bound and self.data.get("seen") != self.initial["seen"]

    def take_note_of_rows(self) -> None:
        """Let the form, as it is shown again, stand for the rows that are selected now."""
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
