"""The context of the page of a try-out: its state, the open forms, and the steps so far."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users.sessions import use_own_words_of_company
from workflow_design.definition.field_types import FILE, USER
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.subjects import naming_of
from workflow_design.definition.workflow import DefinitionKey, Kind, TaskFile
from workflow_design.engine.answers import data_of_task
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.replay import BEGINNING, PlayStatus
from workflow_design.picture.drawing import draw_picture
from workflow_design.picture.model import Mark, Picture
from workflow_design.tryout.forms import AnswerForm, TryoutForm, stand_ins
from workflow_design.tryout.play import Fillable, Tryout, form_name, is_message, serialize_moves
from workflow_design.tryout.wording import (
    cancelled_tasks,
    describe_state,
    describe_step,
    who_fills_in,
)
from workflow_design.wording.actions import describe_action
from workflow_design.wording.due_times import describe_due
from workflow_design.wording.people import describe_approval
from workflow_design.wording.transforms import describe_request
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import in_words
from workflow_design.workspace.messages import fill_subject, fill_text
from workflow_design.workspace.people import find_names
from workflow_design.workspace.reading import (
    Block,
    Entry,
    build_read_view,
    collect_ids,
    format_ids,
    paragraphs,
)

MAX_LINK_LENGTH: Final = 1_500
"""The maximum length of moves in a link to the try-out."""
MAX_EXPLAINED_STEPS: Final = 30
"""Only the results of the newest steps are explained, so that the page stays small."""


def tryout_page(
    tryout: Tryout, *, part: Fillable | None, form: TryoutForm | AnswerForm | None = None
) -> dict[str, Any]:
    """Return the context of the page.

    `part` is the ticket or task to fill in. `form` is its form, if it was invalid or was filled in
    before; of an action also the form of what the other system would answer.
    """
    names = _names(tryout)
    values = [move.values for move in tryout.moves]
    # Sentences show the names of people and files instead of their ids.
    tryout = replace(tryout, id_names=format_ids(tryout.fields, names, *values))
    past, moves = _build_past(tryout, names), serialize_moves(tryout.moves)
    choices = [
        {
            "name": form_name(each),
            "title": each.title,
            "who": who_fills_in(each, tryout, names.people),
            "is_open": each == part,
            "due": describe_due(each, tryout.vocabulary),
            "can_be_overdue": tryout.can_be_overdue(each),
        }
        for each in tryout.fillable
    ]
    is_on_hold = tryout.standing.status is PlayStatus.ON_HOLD
    return {
        "moves": moves,
        # Longer links may be cut off, for example in mails, so the page offers none.
        "link": urlencode({"moves": moves}) if past and len(moves) <= MAX_LINK_LENGTH else "",
        "is_on_hold": is_on_hold,
        "is_over": bool(past) and not choices and not is_on_hold,
        "state": describe_state(tryout, names.people),
        "choices": choices if len(choices) > 1 else [],
        "opened": None if part is None else _build_open_form(tryout, part, form, names),
        "past": past,
        "last": past[-1] if past else None,
        "named": _named(tryout),
        "workspace": _workspace(tryout, names),
        "picture": _picture(tryout),
        "refusal": tryout.refusal,
    }


def _build_open_form(
    tryout: Tryout, part: Fillable, bound: TryoutForm | AnswerForm | None, names: DisplayNames
) -> dict[str, Any]:
    """Return the form of a ticket or task, or the response of an action; or the reason why there is none."""
    reason = ""
    form = bound if isinstance(bound, TryoutForm) else None
    if form is None:
        try:
            form = TryoutForm(tryout, part)
        except DefinitionError as error:
            reason = error.problems[0].message
    return {
        "name": form_name(part),
        "title": part.title,
        "description": part.description,
        "who": who_fills_in(part, tryout, names.people),
        "due": describe_due(part, tryout.vocabulary),
        "approval": describe_approval() if isinstance(part, TaskFile) and part.needs_approval else "",
        "can_be_overdue": tryout.can_be_overdue(part),
        "is_action": isinstance(part, TaskFile) and not part.is_form,
        "refused": bound,
        **_call(tryout, part, bound),
        "message": _message(tryout, part, names) if is_message(part) else [],
        # The data of the workspace that a task shows beside its form.
        "about": _about(tryout, part, names) if isinstance(part, TaskFile) else [],
        "form": form,
        "reason": reason,
    }


def _message(tryout: Tryout, task: TaskFile, names: DisplayNames) -> list[Block]:
    """Return the message as it would be sent now."""
    about = task.action, _data_of(tryout, task), tryout.fields, names
    subject = fill_subject(*about)
    entries = [Entry(_("Subject"), escape(subject))] if subject else []
    return [Block(entries=entries), Block(text=paragraphs(fill_text(*about)))]


def _call(tryout: Tryout, part: Fillable, bound: TryoutForm | AnswerForm | None) -> dict[str, Any]:
    """Return what an action would send, and the form of what the other system would answer."""
    if not isinstance(part, TaskFile) or part.is_form or part.action is not None:
        return {}
    answer = bound if isinstance(bound, AnswerForm) else AnswerForm(tryout, part)
    return {
        "request": describe_request(part, _data_of(tryout, part), tryout.fields),
        "target": describe_action(part, tryout.vocabulary),
        "answer": answer,
        "is_by_hand": bound is not answer and (bound is not None or part.sample_response is None),
    }


def _data_of(tryout: Tryout, task: TaskFile) -> dict[str, Any]:
    standing = tryout.standing
    return data_of_task(task.input_fields, standing.data, standing.unfinished.get(task.title, {}))


def _about(tryout: Tryout, task: TaskFile, names: DisplayNames) -> list[Block]:
    return build_read_view(
        _data_of(tryout, task),
        fields=tryout.fields,
        names=names,
        layout=list(task.display_layout),
        only=task.input_fields,
        also=task.shown_fields,
    )


def _workspace(tryout: Tryout, names: DisplayNames) -> list[Block]:
    """Return every field with a value; the layout is ignored, since it may leave fields out."""
    data = tryout.standing.data
    filled = [name for name in tryout.fields if name in data]
    return build_read_view(data, fields=tryout.fields, names=names, only=filled) if filled else []


def _named(tryout: Tryout) -> dict[str, str]:
    """Return the subject and the priority that the ticket would have now, each "" if it has none."""
    submitted = next((move.title for move in tryout.moves if move.kind is MoveKind.TICKET), None)
    ticket = next((each for each in tryout.file.tickets if each.title == submitted), None)
    if ticket is None:
        return {}
    naming = naming_of(ticket.subject, ticket.priority_field, ticket.fields, tryout.fields)
    with use_own_words_of_company():
        subject = naming.subject(tryout.standing.data)
    place = naming.priority(tryout.standing.data)
    priority = "" if place is None else tryout.fields[naming.priority_field].choices[place].label
    return {"kind": ticket.title, "subject": subject, "priority": priority}


def _names(tryout: Tryout) -> DisplayNames:
    """Return the names of people and files in all moves, using at most one statement."""
    all_values = [move.values for move in tryout.moves]
    people, files = (collect_ids(tryout.fields.values(), of, *all_values) for of in (USER, FILE))
    return DisplayNames(people=find_names(people), files=stand_ins(files))


def _build_past(tryout: Tryout, names: DisplayNames) -> list[dict[str, Any]]:
    """Return the steps that were played; only the newest have a result."""
    before, past, last = BEGINNING, [], len(tryout.steps)
    for number, step in enumerate(tryout.steps, 1):
        is_explained = number > last - MAX_EXPLAINED_STEPS
        past.append(
            {
                "number": number,
                "title": _move_title(step.move),
                "entries": _entries(tryout, step.move, names),
                "result": describe_step(step, before, tryout) if is_explained else None,
                "is_last": number == last,
            }
        )
        before = step.state
    return past


def _move_title(move: Move) -> str:
    if move.kind is MoveKind.RESUME:
        return _("Resumed")
    overdue = _("%(title)s became overdue")
    return overdue % {"title": move.title} if move.kind is MoveKind.OVERDUE else move.title


def _entries(tryout: Tryout, move: Move, names: DisplayNames) -> list[Entry]:
    """Return the values of a move, in the order of the fields."""
    given: Mapping[str, Any] = move.values
    return [
        Entry(field.title, in_words(field, given.get(name), names))
        for name, field in tryout.fields.items()
        if name in given
    ]


def find_open_part(tryout: Tryout, name: str = "") -> Fillable | None:
    """Return the open ticket or task with this form name, else the first open one, or None."""
    fillable = tryout.fillable
    return next((part for part in fillable if form_name(part) == name), fillable[0] if fillable else None)


def _picture(tryout: Tryout) -> Picture:
    """Return the picture of the workflow, with marks on done and open parts."""
    done = Counter(step.move.title for step in tryout.steps if step.move.kind is MoveKind.TASK)
    marks = {DefinitionKey(Kind.TASK, title): Mark("success", _done(times)) for title, times in done.items()}
    if tryout.standing.status.is_final:
        before = tryout.steps[-2].state if len(tryout.steps) > 1 else BEGINNING
        left = cancelled_tasks(tryout.steps[-1], before)
        marks |= {DefinitionKey(Kind.TASK, key): Mark("neutral", _("Cancelled")) for key in left}
    # A task that was done before and is open again is marked as open.
    marks |= {DefinitionKey(Kind.TASK, key): Mark("info", _("Open")) for key in tryout.standing.unfinished}
    marks |= {DefinitionKey(Kind.TASK, key): Mark("warning", _("Overdue")) for key in tryout.standing.overdue}
    for step in tryout.steps:
        if step.move.kind is MoveKind.TICKET:
            marks[DefinitionKey(Kind.TICKET, step.move.title)] = Mark("success", _("Submitted"))
        for decision in step.decisions:
            if decision.completion is not None:
                marks[tryout.plan.key(decision.completion)] = Mark("success", _("Reached"))
    return draw_picture(tryout.plan, tryout.vocabulary, marks=marks)


def _done(times: int) -> str:
    return _("Done") if times == 1 else ngettext("Done %(n)d time", "Done %(n)d times", times) % {"n": times}
