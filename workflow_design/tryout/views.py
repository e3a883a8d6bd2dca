"""A definition tried out: played in the page, without a trace in the database."""

from dataclasses import replace

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ticketflower.http import PageRequest, company_page
from ticketflower.read_only import forbid_writes
from workflow_design.access import find_workflow, may_change
from workflow_design.check.static import check_definition
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.persistence.exporting import export_workflow
from workflow_design.tryout.forms import TryoutForm
from workflow_design.tryout.page import first_open, tryout_page
from workflow_design.tryout.play import Fillable, MovesError, Tryout, kind_of, move_name, name_of, read_moves

TEMPLATE = "workflow_design/tryout/page.html"
# Fields of a workspace can't be called so: their names begin with a letter.
MOVES, FILL, EXAMPLES, OPEN, BACK, RESUME = "_moves", "_fill", "_examples", "_open", "_back", "_resume"


@require_http_methods(["GET", "HEAD", "POST"])
@company_page()
def workflow_definition_tryout(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Play the moves that the page brings along, and the one that was just made."""
    forbid_writes()
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    file = export_workflow(workflow)
    context = {"workflow": workflow, "problems": check_definition(file) if workflow.is_draft else ()}
    try:
        tryout, undone, unreadable = *_played(file, request), ""
    except MovesError as error:
        tryout, undone, unreadable = Tryout.of(file), None, str(error)
    except DefinitionError:
        return render(request, TEMPLATE, context)
    tryout, part, form = _turn(tryout, undone, request.POST)
    page = tryout_page(tryout, part=part, form=form)
    return render(request, TEMPLATE, context | page | {"unreadable": unreadable})


def _played(file: WorkflowFile, request: PageRequest) -> tuple[Tryout, Move | None]:
    """The moves so far, with the resume that the person asks for; or up to the step that they go back to.

    With the first move that they take back, so that it can be made otherwise.
    """
    posted = request.POST
    moves = read_moves(posted.get(MOVES) or posted.get("moves") or request.GET.get("moves", ""))
    back = posted.get(BACK, "")
    if back.isascii() and back.isdigit():
        kept = int(back[:4])
        tryout, undone = Tryout.of(file, moves[:kept]), next(iter(moves[kept:]), None)
        is_possible = undone is not None and not tryout.and_then(undone).refusal
        return tryout, undone if is_possible else None
    if RESUME in posted:
        moves = (*moves, Move(MoveKind.RESUME))
    return Tryout.of(file, moves), None


def _turn(
    tryout: Tryout, undone: Move | None, posted: QueryDict
) -> tuple[Tryout, Fillable | None, TryoutForm | None]:
    """What was filled in, played if its form takes it; then what is open, and its form if that is known."""
    wanted = posted.get(FILL) or posted.get(OPEN) or (move_name(undone) if undone else "")
    part = first_open(tryout, wanted)
    if part is None or tryout.refusal:
        return tryout, part, None
    if FILL in posted and name_of(part) != posted[FILL]:
        return replace(tryout, refusal=_("That form is not open any more.")), part, None
    try:
        form = _form(tryout, part, undone, posted)
    except DefinitionError:
        return tryout, part, None
    if form is None or not form.is_bound or not form.is_valid():
        return tryout, part, form
    tryout = tryout.and_then(Move(kind_of(part), part.title, form.values()))
    return tryout, first_open(tryout), None


def _form(tryout: Tryout, part: Fillable, undone: Move | None, posted: QueryDict) -> TryoutForm | None:
    """The form as it was filled in, now or before the person went back; None for a fresh one."""
    if EXAMPLES in posted:
        return TryoutForm.with_examples(tryout, part, data=posted)
    if FILL in posted:
        return TryoutForm(tryout, part, data=posted)
    if undone is not None and move_name(undone) == name_of(part):
        return TryoutForm(tryout, part, answered=undone.values)
    return None
