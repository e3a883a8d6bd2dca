"""Links from findings to pages: each JSON pointer of a finding becomes a link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.clean_json import parse_number
from workflow_design.definition.workflow import DefinitionKey
from workflow_design.models import Part, WorkflowDefinition
from workflow_design.pages.lines import Link, part_url
from workflow_design.persistence.exporting import ALL_KINDS
from workflow_design.wording.rules import Vocabulary

_KINDS: Final = {kind.members: kind for kind in ALL_KINDS}
_MEMBERS: Final = {
    "fields": gettext_lazy("fields"),
    "input_fields": gettext_lazy("fields that it reads"),
    "shown_fields": gettext_lazy("fields that it also shows"),
    "output_fields": gettext_lazy("fields that it writes"),
    "reset_fields": gettext_lazy("fields that it empties"),
    "condition": gettext_lazy("condition"),
    "edit_layout": gettext_lazy("layout of the form"),
    "display_layout": gettext_lazy("layout for reading"),
    "executor_roles": gettext_lazy("who does it"),
    "submitter_roles": gettext_lazy("who submits it"),
    "ticket_admin_roles": gettext_lazy("who administers its tickets"),
    "assignee_field": gettext_lazy("assignee"),
    "not_submitter": gettext_lazy("who does it"),
    "needs_approval": gettext_lazy("who confirms what programs answer"),
    "action_url": gettext_lazy("address"),
    "connection": gettext_lazy("connection"),
    "path": gettext_lazy("path"),
    "action": gettext_lazy("message"),
    "sample_response": gettext_lazy("sample of an answer"),
    "input_transform": gettext_lazy("data to send"),
    "output_transform": gettext_lazy("use of the answer"),
    "timeout_seconds": gettext_lazy("time limit"),
    "due_hours": gettext_lazy("due time"),
    "overdue_field": gettext_lazy("field that says it is overdue"),
    "tickets": gettext_lazy("tickets"),
    "tasks": gettext_lazy("tasks"),
    "completions": gettext_lazy("completions"),
    "fields_schema": gettext_lazy("fields"),
}
_PART_LENGTH: Final = 2
_FIELD_LENGTH: Final = 3


@dataclass(frozen=True, slots=True)
class AwaitedAnswer:
    """A button that lets a task start only if a field is answered."""

    url: str
    name: str
    title: str
    seen: str
    """When the task was changed last."""


@dataclass(frozen=True, slots=True)
class Places:
    """The pages of a version and of its parts."""

    workflow: WorkflowDefinition
    parts: Mapping[str, Sequence[Part]]
    """Parts by the member of the workflow file that lists them, in the order of the file."""
    vocabulary: Vocabulary

    def link(self, pointer: str) -> Link:
        """Return a link to the page for a JSON pointer into the workflow file."""
        path = [_unescape(step) for step in pointer.split("/")[1:]]
        part = self._find_part(path)
        if part is not None:
            # In "/tasks/0/condition", the third step is the member of the part.
            member = _MEMBERS.get(path[_PART_LENGTH]) if len(path) > _PART_LENGTH else None
            return Link(part.title, self._part_page(path[0], part), str(member or ""))
        # Not in a part: a field of the workspace, or the workflow itself.
        name = self._field_name(path)
        if name:
            return Link(self.vocabulary.title(name), self._field_page(name), _("field"))
        first = path[0] if path else ""
        if first == "scenarios":
            return Link(_("Scenarios"), self._scenario_page(path))
        return Link(self.workflow.title, self._list_page(first), str(_MEMBERS.get(first, "")))

    def awaited_answer(self, pointer: str) -> AwaitedAnswer | None:
        """Return which answer the task of a draft should wait for; None if the place is gone."""
        path = pointer.split("/")[1:]
        task = self._find_part(path)
        names = getattr(task, "input_fields", ())
        position = parse_number(path[-1])
        if task is None or not self.workflow.is_draft or position is None or position >= len(names):
            return None
        name = names[position]
        url = reverse("task_require_answer", args=[task.pk])
        return AwaitedAnswer(url, name, self.vocabulary.title(name), task.updated_at.isoformat())

    def key(self, pointer: str) -> DefinitionKey | None:
        """Return the picture's key of the part that a JSON pointer leads into, or None."""
        path = pointer.split("/")[1:]
        part = self._find_part(path)
        return None if part is None else DefinitionKey(_KINDS[path[0]].key, str(part.pk))

    def _part_page(self, kind: str, part: Part) -> str:
        """Return the edit form of the part while the workflow is a draft, else its page."""
        return (
            reverse(f"{_KINDS[kind].address}_edit", args=[part.pk])
            if self.workflow.is_draft
            else part_url(part)
        )

    def _field_page(self, name: str) -> str:
        """Return the edit form of a field of a draft, else its row on the page of the workflow."""
        if self.workflow.is_draft:
            return reverse("field_edit", args=[self.workflow.pk, name])
        return f"{reverse('workflow_definition_detail', args=[self.workflow.pk])}#field-{name}"

    def _scenario_page(self, path: Sequence[str]) -> str:
        number = parse_number(path[1]) if len(path) == _PART_LENGTH else None
        if number is None:
            return reverse("workflow_scenarios", args=[self.workflow.pk])
        return reverse("scenario_detail", args=[self.workflow.pk, number + 1])

    def _list_page(self, member: str) -> str:
        """Return the page that lists all fields or parts of a kind, or that of the workflow itself."""
        of_draft = {"fields_schema": "workflow_fields", **dict.fromkeys(_KINDS, "workflow_components")}
        name = of_draft.get(member, "") if self.workflow.is_draft else ""
        page = reverse(name or "workflow_definition_detail", args=[self.workflow.pk])
        anchor = {"fields_schema": "fields"}.get(member, member)
        return f"{page}#{anchor}" if member in of_draft and name != "workflow_fields" else page

    def _find_part(self, path: Sequence[str]) -> Part | None:
        if len(path) < _PART_LENGTH or path[0] not in _KINDS:
            return None
        # A pointer may come from a report that is older than the draft, so its part may be gone.
        listed, position = self.parts[path[0]], parse_number(path[1])
        return listed[position] if position is not None and position < len(listed) else None

    def _field_name(self, path: Sequence[str]) -> str:
        declared: Any = self.workflow.fields_schema.get("properties")
        if len(path) < _FIELD_LENGTH or path[:2] != ["fields_schema", "properties"]:
            return ""
        return path[2] if isinstance(declared, dict) and path[2] in declared else ""


def _unescape(step: str) -> str:
    """Decode a step of a JSON pointer (RFC 6901)."""
    # In this order, as the RFC requires: "~01" means "~1" and not "/".
    return step.replace("~1", "/").replace("~0", "~")
