"""The form with the filters of tickets, and the interpretation of their values."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import FilterForm, search_box
from workflow_design.definition.field_types import USER, YES_NO
from workflow_design.definition.fields import Field
from workflow_design.models import WorkflowDefinition, WorkflowStatus
from workflow_design.persistence.plans import load_plan
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.desk.lists.filters import ANY, GONE, ME, NOBODY, due_field
from workflow_ops.desk.lists.people import choosable_people, named_people, person_field
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.models import RunStatus
from workflow_ops.models.tickets import NO_PRIORITY

FINISHED = "finished"
NOTHING, NONE, PAST = "nothing", "none", "past"
SUBMITTED, CHANGED = "submitted", "changed"
FIELD_PREFIX = "f_"
MAX_PRIORITY = 9
_WHO = {ME: _("Me"), NOBODY: _("Nobody")}
_AGES = (("7", _("A week")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")))


def priority_field() -> forms.ChoiceField:
    """Return the filter by priority."""
    places = [(str(place), str(place + 1)) for place in range(1, MAX_PRIORITY)]
    choices = [("", _("Any")), ("0", _("1 (most urgent)")), *places, (NONE, _("None"))]
    return forms.ChoiceField(label=_("Priority"), required=False, choices=choices)


def priority_place(chosen: str) -> int:
    """Return the stored priority for a value of this filter."""
    return NO_PRIORITY if chosen == NONE else int(chosen)


def age_field() -> forms.TypedChoiceField:
    """Return the filter by age, in days."""
    choices = [("", _("Any")), *_AGES]
    return forms.TypedChoiceField(
        label=_("At least this old"), required=False, choices=choices, coerce=int, empty_value=None
    )


def choose_line(form: FilterForm, scope: Scope) -> int | None:
    """Set the choices of the filter by workflow, and return the id of the chosen one."""
    lines = sorted(scope.titles.items(), key=lambda item: item[1].lower())
    form.offer("workflow", [("", _("Any")), *lines])
    chosen = form.data.get("workflow", "")
    return int(chosen) if chosen in map(str, scope.titles) else None


class TicketFilterForm(FilterForm):
    """The filters of a list of tickets of the workflows in `scope`. By default, finished tickets are hidden.

    Without `is_rendered`, it has only the filters that are set.
    """

    main_fields = ("q", "status", "workflow", "waits_for", "assigned")

    q = search_box(_("Number, subject or person"))
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Not finished")), *RunStatus.choices, (FINISHED, _("Finished")), (ANY, _("Any"))],
    )
    workflow = forms.TypedChoiceField(label=_("Workflow"), required=False, coerce=int, empty_value=None)
    type = forms.ChoiceField(label=_("Type"), required=False)
    waits_for = forms.ChoiceField(label=_("Waits for"), required=False)
    assigned = forms.Field()
    submitter = forms.Field()
    responsible = forms.Field()
    priority = priority_field()
    due = due_field()
    age = age_field()
    day = forms.ChoiceField(
        label=_("Dates of"),
        required=False,
        choices=[("", _("Submission")), (CHANGED, _("Last change"))],
    )
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    held = forms.ChoiceField(
        label=_("On hold"), required=False, choices=[("", _("Any")), (PAST, _("Past its date"))]
    )
    still = forms.ChoiceField(
        label=_("Standing still"), required=False, choices=[("", _("Any")), ("1", _("For 10 working days"))]
    )

    def __init__(self, data: Mapping[str, Any], *, scope: Scope, is_rendered: bool = True) -> None:
        super().__init__(data, is_rendered=is_rendered)
        self.scope, self._is_rendered = scope, is_rendered
        self.line = choose_line(self, scope)
        if data.get("day") == CHANGED and is_rendered:
            self.fields["since"].label, self.fields["until"].label = _("Changed from"), _("Changed to")
        people = self._offer_people()
        titles = self._offer_titles()
        version = self._offer_fields(people)
        self.choices_key = [*self.scope.titles.items()], people, titles, version

    def _offer_people(self) -> list[tuple[str, str]] | None:
        gone = {**_WHO, GONE: _("People deactivated or away")}
        asked = [
            each
            for each in (
                ("assigned", _("Assigned to"), gone),
                ("submitter", _("Submitted by"), {}),
                ("responsible", _("Responsible"), {**_WHO, GONE: _("People deactivated")}),
            )
            if each[0] in self.fields
        ]
        is_needed = asked or any(name.startswith(FIELD_PREFIX) for name in self.data)
        people = choosable_people() if is_needed else None
        for name, label, also in asked:
            self.fields[name] = person_field(label, people, also=also, anyone=_("Anyone"))
        return people

    def _offer_titles(self) -> tuple[list[str], list[str]]:
        """Once a workflow is chosen, offer the titles of its tasks and ticket types. Return both."""
        lines = self.scope.titles if self.line is None else [self.line]
        asked = str(self.data.get("waits_for", ""))
        # The parts of the list need the titles, too; those of a person who administers everything need no
        # types.
        is_needed = self.line or (asked and asked != NOTHING)
        self.task_titles = self.scope.task_titles(lines) if is_needed else {}
        self.ticket_types = self.scope.ticket_types(
            lines if self.line or not self.scope.is_everything else []
        )
        titles = self.task_titles.get(self.line or 0, [])
        if self.line is None and any(asked in each for each in self.task_titles.values()):
            titles = [asked]
        anything = [("", _("Anything")), (NOTHING, _("Nothing (it has stopped)"))]
        self.offer("waits_for", [*anything, *zip(titles, titles, strict=True)])
        types = self.ticket_types.get(self.line or 0, [])
        self.offer("type", [("", _("Any")), *zip(types, types, strict=True)])
        # People need no filter with one choice. For programs, it belongs to every workflow.
        if self.line is None or (self._is_rendered and len(types) < 2):  # noqa: PLR2004
            self.fields.pop("type", None)
        return titles, types

    def _offer_fields(self, people: Iterable[tuple[str, str]] | None) -> int | None:
        """Add filters by the fields that the newest published version of the chosen workflow marks for lists.

        Return the id of that version, if it was read. `people` are the choices of filters by person, or None
        if there are too many.
        """
        self._of_people = set[str]()
        is_asked = self._is_rendered or any(name.startswith(FIELD_PREFIX) for name in self.data)
        if self.line is None or not is_asked:
            return None
        versions = WorkflowDefinition.objects.filter(line=self.line).exclude(status=WorkflowStatus.DRAFT)
        newest = versions.order_by("-pk").values_list("pk", flat=True).first()
        for field in load_plan(newest).fields.values() if newest else ():
            name = f"{FIELD_PREFIX}{field.name}"
            if field.is_filterable and (self._is_rendered or name in self.data):
                self.fields[name] = _field_filter(field, people)
                self._of_people |= {field.name} if field.type is USER else set()
        return newest

    def field_values(self) -> dict[str, list[str]]:
        """Return, for each field by which the list is filtered, the stored values that match."""
        found = {}
        for name, value in self.chosen().items():
            if name.startswith(FIELD_PREFIX):
                field = name.removeprefix(FIELD_PREFIX)
                people = named_people(value, self.scope.person) if field in self._of_people else ()
                found[field] = [str(each) for each in people] if field in self._of_people else [value]
        return found


def _field_filter(field: Field, people: Iterable[tuple[str, str]] | None) -> forms.Field:
    if field.type is USER:
        return person_field(field.title, people, also={ME: _("Me")}, anyone=_("Anyone"))
    if field.type is YES_NO:
        values: list[tuple[str, Any]] = [("true", _("Yes")), ("false", _("No"))]
    else:
        values = [(str(choice.value), choice.label) for choice in field.choices]
    return forms.ChoiceField(label=field.title, required=False, choices=[("", _("Any")), *values])
