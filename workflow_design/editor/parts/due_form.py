"""What the forms of all tasks ask about time: when the task is due, and what the clock sets then."""

from dataclasses import replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.field_types import NUMBER, YES_NO
from workflow_design.definition.workflow import MAX_TITLE_LENGTH, PartFile, TaskFile
from workflow_design.editor.draft_page import Section
from workflow_design.editor.fields.settings import derive_name
from workflow_design.editor.form_fields import number_field
from workflow_design.editor.parts.actions import with_fields
from workflow_design.editor.parts.forms import PartForm
from workflow_design.persistence.exporting import TASKS

NEW: Final = "+"
"""As a choice: a field that is made with the task."""


class TimedTaskForm(PartForm):
    """Base of the forms of tasks."""

    kind = TASKS

    due_hours = number_field(gettext_lazy("Due after (working hours)"), NUMBER)
    overdue_field = forms.ChoiceField(
        label=gettext_lazy("When overdue, set"),
        required=False,
        help_text=gettext_lazy(
            "The clock sets this field to yes, once. Let another task start with it: for example one that "
            "reminds a lead, or that does the work instead."
        ),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.fields["due_hours"].help_text = _(
            "Counted from its start, in the working hours of the company; 0.25 is a quarter of an hour. If "
            "empty, it is never due."
        )
        written = {name for part in (*self.file.tickets, *self.file.tasks) for name in part.writes}
        free = [
            (field.name, field.title)
            for field in self.workspace_fields.values()
            if field.type is YES_NO and (field.name not in written or field.name == self._now)
        ]
        control: Any = self.fields["overdue_field"]
        control.choices = [("", _("Nothing")), (NEW, _("A new field “Overdue: …”")), *free]

    def clean(self) -> dict[str, Any]:
        """Check the workflow as it would be with this task, and with the field that the clock sets."""
        if self.cleaned_data.get("overdue_field") == NEW:
            # Conditions name it, where several tasks must be told apart.
            title = _("Overdue: %(task)s") % {"task": self.cleaned_data.get("title", "")}
            name = derive_name(title, taken=self.file.fields_schema.get("properties", {}))
            made = {name: {"type": "boolean", "title": title[:MAX_TITLE_LENGTH]}}
            self.new_fields, self.file = {**self.new_fields, **made}, with_fields(self.file, made)
            self.cleaned_data["overdue_field"] = name
        return super().clean()

    def adapt(self, content: Any) -> PartFile:
        """Return the task with what the clock sets, which may be nothing."""
        task: TaskFile = super().adapt(content)  # type: ignore[assignment]
        return replace(task, overdue_field=task.overdue_field or None)

    def due_section(self) -> Section:
        """Return the section about time."""
        return self.section(_("When it is due"), "due_hours", "overdue_field", is_folded=True)

    @property
    def _now(self) -> str | None:
        return getattr(self.current, "overdue_field", None)
