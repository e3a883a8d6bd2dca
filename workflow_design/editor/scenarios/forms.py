"""The forms of scenarios."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ticketflower.http import Form
from workflow_design.definition.workflow import MAX_TITLE_LENGTH
from workflow_design.editor.draft_page import DraftForm
from workflow_design.editor.scenarios.actions import scenario_refusals
from workflow_design.editor.scenarios.proposals import expectation_choices, with_expectations
from workflow_design.engine.scenarios import Scenario
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.wording.rules import Vocabulary


class TitleForm(DraftForm):
    """The title of a scenario."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=MAX_TITLE_LENGTH,
        help_text=gettext_lazy("The case, and what must come of it, such as “Goodwill 300: Head is asked”."),
    )


class RenameForm(TitleForm):
    """Another title for a scenario, which is found by its `current` one."""

    current = forms.CharField(widget=forms.HiddenInput)


class DeleteForm(Form):
    """Which scenario is deleted."""

    current = forms.CharField(widget=forms.HiddenInput)


class ScenarioForm(TitleForm):
    """A scenario that is made: its title, and what of the proposal is expected."""

    expected = forms.MultipleChoiceField(
        label=gettext_lazy("Expected then"),
        required=False,
        help_text=gettext_lazy("Leave ticked what must come out like this every time."),
        widget=forms.CheckboxSelectMultiple,
    )
    moves = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *, workflow: WorkflowDefinition, scenario: Scenario, moves: str = "", data: Any = None
    ) -> None:
        self.scenario = scenario
        choices = expectation_choices(scenario, Vocabulary.of_schema(workflow.fields_schema))
        initial = {"title": scenario.title, "expected": [key for key, _sentence in choices], "moves": moves}
        super().__init__(workflow=workflow, data=data, initial=initial)
        self.fields["expected"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a title that is not allowed or taken."""
        if "title" in self.cleaned_data and "expected" in self.cleaned_data:
            file = export_workflow(self.workflow)
            made = (*file.scenarios, self.result().as_json())
            self.refuse(scenario_refusals(replace(file, scenarios=made)))
        return self.cleaned_data

    def result(self) -> Scenario:
        """Return the scenario with this title and these expectations."""
        named = replace(self.scenario, title=self.cleaned_data["title"])
        return with_expectations(named, self.cleaned_data["expected"])
