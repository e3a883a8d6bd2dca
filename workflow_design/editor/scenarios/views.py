"""Pages that make, rename and delete scenarios of a draft."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest, show_or_submit
from workflow_design.definition.file_json import WorkflowFileError, parse_moves
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.schema import read_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.draft_page import draft_page, find_draft, form_data, try_store
from workflow_design.editor.scenarios import actions
from workflow_design.editor.scenarios.forms import DeleteForm, RenameForm, ScenarioForm
from workflow_design.editor.scenarios.page import form_context, roles_of
from workflow_design.editor.scenarios.proposals import find_people, name_people, with_proposal
from workflow_design.engine.moves import Move
from workflow_design.engine.scenarios import Scenario
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.scenario_results import find_scenario
from workflow_design.pages.trails import build_trail
from workflow_design.persistence.exporting import export_workflow

TEMPLATE = "workflow_design/scenarios/form.html"


@show_or_submit
@draft_page
def scenario_create(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Make a scenario of the moves of a try-out: ask for its title, and what is expected."""
    workflow = find_draft(request.user, workflow_id)
    text = request.POST.get("moves", "")
    scenario, reason = _propose(export_workflow(workflow), text)
    if scenario is None or not scenario.moves:
        messages.error(request, reason or _("Play a case first, then make a scenario of it."))
        return redirect("workflow_definition_tryout", workflow.pk)
    # The try-out only sends its moves.
    data = request.POST if "title" in request.POST else None
    form = ScenarioForm(workflow=workflow, scenario=scenario, moves=text, data=data)
    if try_store(form, lambda: actions.add_scenario(workflow, form.result())):
        return _added(request, workflow, form.cleaned_data["title"])
    return render(request, TEMPLATE, form_context(workflow, form, [reason] if reason else []))


def _propose(file: WorkflowFile, text: str) -> tuple[Scenario | None, str]:
    """Return the scenario that moves of a try-out make, or None and perhaps a reason."""
    try:
        moves = tuple(map(Move.from_json, parse_moves(text)["moves"])) if text.strip() else ()
        if not moves:
            return None, ""
        fields = read_fields(file.fields_schema)
        named, people = name_people(moves, fields, roles_of(find_people(moves, fields), file))
        return with_proposal(file, Scenario("", named, people))
    except WorkflowFileError as error:
        return None, str(error.problems[0])
    except DefinitionError:
        return None, _("The fields of this draft can't be read, so nothing can be played.")


def _added(request: PageRequest, workflow: WorkflowDefinition, title: str) -> HttpResponse:
    messages.success(request, _("The scenario “%(title)s” has been added.") % {"title": title})
    return redirect("workflow_scenarios", workflow.pk)


@show_or_submit
@draft_page
def scenario_rename(request: PageRequest, workflow_id: int, number: int) -> HttpResponse:
    """Change the title of a scenario."""
    workflow = find_draft(request.user, workflow_id)
    _file, scenario = find_scenario(workflow, number)
    initial = {"title": scenario.title, "current": scenario.title}
    form = RenameForm(workflow=workflow, data=form_data(request), initial=initial)

    def store() -> None:
        actions.rename_scenario(workflow, form.cleaned_data["current"], new=form.cleaned_data["title"])

    if try_store(form, store):
        messages.success(request, _("The scenario has been renamed."))
        return redirect("scenario_detail", workflow.pk, number)
    context = {
        "workflow": workflow,
        "form": form,
        "head": _("Rename the scenario"),
        "lead": scenario.title,
        "submit": _("Rename"),
        "back": reverse("scenario_detail", args=[workflow.pk, number]),
        "trail": build_trail(workflow, (_("Scenarios"), "workflow_scenarios")),
    }
    return render(request, TEMPLATE, context)


@show_or_submit
@draft_page
def scenario_delete(request: PageRequest, workflow_id: int, number: int) -> HttpResponse:
    """Ask, then delete a scenario."""
    workflow = find_draft(request.user, workflow_id)
    form = DeleteForm(form_data(request))
    if form.is_bound and form.is_valid():
        actions.delete_scenario(workflow, form.cleaned_data["current"])
        messages.success(request, _("The scenario has been deleted."))
        return redirect("workflow_scenarios", workflow.pk)
    _file, scenario = find_scenario(workflow, number)
    context = {
        "title": _("Delete the scenario “%(title)s”?") % {"title": scenario.title},
        "text": _("The check no longer plays it."),
        "form": form if form.is_bound else DeleteForm(initial={"current": scenario.title}),
        "submit": _("Delete it"),
        "cancel_url": reverse("scenario_detail", args=[workflow.pk, number]),
    }
    return render(request, "components/confirm.html", context)
