"""A definition tried out: played in the page, without a trace in the database."""

from dataclasses import replace

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ticketflower.http import PageRequest, company_page
from ticketflower.read_only import store_nothing
from workflow_design.definition_check import check_definition
from workflow_design.exporting import file_of
from workflow_design.findings import Move, MoveKind
from workflow_design.forms.tryout import TryoutForm
from workflow_design.problems import DefinitionError
from workflow_design.tryout import Fillable, MovesError, Tryout, kind_of, name_of, read_moves
from workflow_design.tryout_page import first_open, tryout_page
from workflow_design.views.found import find_workflow, may_design
from workflow_design.workflow_file_format import WorkflowFile

TEMPLATE = "workflow_design/tryout.html"
# Fields of a workspace can't be called so: their names begin with a letter.
MOVES, FILL, OPEN, BACK, RESUME = "_moves", "_fill", "_open", "_back", "_resume"


@require_http_methods(["GET", "HEAD", "POST"])
@company_page()
def workflow_definition_tryout(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Play the moves that the page brings along, and the one that was just made."""
    store_nothing()
    workflow = find_workflow(request.user, workflow_id, may=may_design)
    file = file_of(workflow)
    context = {"workflow": workflow, "problems": check_definition(file) if workflow.is_draft else ()}
    try:
        tryout, unreadable = _played(file, request), ""
    except MovesError as error:
        tryout, unreadable = Tryout.of(file), str(error)
    except DefinitionError:
        return render(request, TEMPLATE, context)
    tryout, part, form = _turn(tryout, request.POST)
    page = tryout_page(tryout, part=part, form=form)
    return render(request, TEMPLATE, context | page | {"unreadable": unreadable})


def _played(file: WorkflowFile, request: PageRequest) -> Tryout:
    """The moves so far; up to a step that the person goes back to, or with the resume that they ask for."""
    posted = request.POST
    text = posted.get(MOVES) or posted.get("moves") or request.GET.get("moves", "")
    moves = read_moves(text)
    back = posted.get(BACK, "")
    if back.isascii() and back.isdigit():
        moves = moves[: int(back[:4])]
    if RESUME in posted:
        moves = (*moves, Move(MoveKind.RESUME))
    return Tryout.of(file, moves)


def _turn(tryout: Tryout, posted: QueryDict) -> tuple[Tryout, Fillable | None, TryoutForm | None]:
    """What was filled in, played if its form takes it; then what is open, and the form if it refused."""
    part = first_open(tryout, posted.get(FILL) or posted.get(OPEN) or "")
    if FILL not in posted or part is None or tryout.refusal:
        return tryout, part, None
    if name_of(part) != posted[FILL]:
        return replace(tryout, refusal=_("That form is not open any more.")), part, None
    try:
        form = TryoutForm(tryout, part, data=posted)
    except DefinitionError:
        return tryout, part, None
    if not form.is_valid():
        return tryout, part, form
    tryout = tryout.and_then(Move(kind_of(part), part.title, form.values()))
    return tryout, first_open(tryout), None
