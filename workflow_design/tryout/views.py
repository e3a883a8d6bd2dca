"""The page of the try-out, which stores nothing in the database."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.http import PageRequest, company_page, show_or_submit
from ticketflower.read_only import forbid_writes
from workflow_design.access import find_workflow, may_change
from workflow_design.check.static import NOT_YET, check_definition
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.workflow import TaskFile, WorkflowFile
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.persistence.exporting import export_workflow
from workflow_design.tryout.forms import AnswerForm, TryoutForm
from workflow_design.tryout.page import find_open_part, tryout_page
from workflow_design.tryout.play import (
    Fillable,
    MovesError,
    Tryout,
    form_name,
    is_message,
    move_form_name,
    read_moves,
)

TEMPLATE = "workflow_design/tryout/page.html"
# These names can't collide with fields of a workspace, whose names begin with a letter.
MOVES, FILL, EXAMPLES, OPEN, BACK, RESUME = "_moves", "_fill", "_examples", "_open", "_back", "_resume"
OVERDUE = "_overdue"
"""The title of a task that becomes overdue."""
SYSTEM = "_system"
"""The form is what the other system would answer to an action."""


@show_or_submit
@company_page()
def workflow_definition_tryout(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Play the moves that the page carries, and the new one."""
    forbid_writes()  # makes sure that a try-out can't change real data
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    file = export_workflow(workflow)
    found = check_definition(file) if workflow.is_draft else ()
    context = {"workflow": workflow, "problems": [each for each in found if each.code not in NOT_YET]}
    try:
        tryout, undone, unreadable = *_play(file, request), ""
    except MovesError as error:
        # Manipulated or outdated moves: start again and show the reason.
        tryout, undone, unreadable = Tryout.of(file), None, str(error)
    except DefinitionError:
        return render(request, TEMPLATE, context)
    tryout, part, form = _take_turn(tryout, undone, request.POST)
    page = tryout_page(tryout, part=part, form=form) | {"unreadable": unreadable}
    if workflow.is_draft and isinstance(part, TaskFile) and page["opened"].get("answer"):
        page["task_id"] = workflow.tasks.values_list("pk", flat=True).get(title=part.title)
    return render(request, TEMPLATE, context | page)


def _play(file: WorkflowFile, request: PageRequest) -> tuple[Tryout, Move | None]:
    """Play the moves so far, with a requested one, or up to the step that the person goes back to.

    Also return the first undone move, so that its form can show its values again.
    """
    form_data = request.POST
    moves = read_moves(form_data.get(MOVES) or form_data.get("moves") or request.GET.get("moves", ""))
    remaining = parse_number(form_data.get(BACK, ""))
    if remaining is not None:
        tryout, undone = Tryout.of(file, moves[:remaining]), next(iter(moves[remaining:]), None)
        # The definition may have changed since, so that the undone move is impossible now.
        is_possible = undone is not None and not tryout.play_move(undone).refusal
        return tryout, undone if is_possible else None
    if RESUME in form_data:
        moves = (*moves, Move(MoveKind.RESUME))
    if OVERDUE in form_data:
        moves = (*moves, Move(MoveKind.OVERDUE, form_data[OVERDUE]))
    return Tryout.of(file, moves), None


def _take_turn(
    tryout: Tryout, undone: Move | None, form_data: QueryDict
) -> tuple[Tryout, Fillable | None, TryoutForm | AnswerForm | None]:
    """Play the submitted form if it is valid. Return the try-out, the open part, and its form if bound."""
    wanted = form_data.get(FILL) or form_data.get(OPEN) or (move_form_name(undone) if undone else "")
    part = find_open_part(tryout, wanted)
    if part is None or tryout.refusal:
        return tryout, part, None
    # The form comes from an older page; with the current moves, its part is not open.
    if FILL in form_data and form_name(part) != form_data[FILL]:
        return replace(tryout, refusal=_("That form is not open any more.")), part, None
    if FILL in form_data and is_message(part):
        return _play_move(tryout, part, dict.fromkeys(part.writes, True))
    try:
        form = _build_form(tryout, part, undone, form_data)
    except DefinitionError:
        return tryout, part, None
    if form is None or not form.is_bound or not form.is_valid():
        return tryout, part, form
    return _play_move(tryout, part, form.values())


def _play_move(
    tryout: Tryout, part: Fillable, values: Mapping[str, Any]
) -> tuple[Tryout, Fillable | None, None]:
    tryout = tryout.play_move(Move(MoveKind(part.kind), part.title, values))
    return tryout, find_open_part(tryout), None


def _build_form(
    tryout: Tryout, part: Fillable, undone: Move | None, form_data: QueryDict
) -> TryoutForm | AnswerForm | None:
    """Return the form with the submitted or undone values, or None for a fresh form."""
    if SYSTEM in form_data and isinstance(part, TaskFile) and not part.is_form:
        return AnswerForm(tryout, part, data=form_data)
    if EXAMPLES in form_data:
        return TryoutForm.with_examples(tryout, part, data=form_data)
    if FILL in form_data:
        return TryoutForm(tryout, part, data=form_data)
    if undone is not None and move_form_name(undone) == form_name(part):
        return TryoutForm(tryout, part, answered=undone.values)
    return None
