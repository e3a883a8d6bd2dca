"""Hypothesis strategies for small definitions, and for walks through them."""

from typing import Any

from hypothesis import strategies as st

from workflow_design.definition.workflow import (
    CompletionFile,
    CompletionStatus,
    TaskFile,
    TaskType,
    TicketFile,
)
from workflow_design.engine import Plan, Source, Write
from workflow_design.tests.engine.interpreter import IN_PROGRESS, RunningWorkflow

FIELDS = ("a", "b", "c", "d", "e")
VALUES: tuple[Any, ...] = (None, "", [], False, True, 0, 1, 2, "x", "2", [1])

fields = st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3, unique=True).map(tuple)
some_fields = st.lists(st.sampled_from(FIELDS), max_size=2, unique=True).map(tuple)
values = st.sampled_from(VALUES)
variables = st.sampled_from(FIELDS).map(lambda name: {"var": name})
comparisons = st.builds(
    lambda operator, left, right: {operator: [left, right]},
    st.sampled_from(("==", "!=", "===", "<", ">=", "in", "-")),  # the last four fail on some values
    variables,
    st.one_of(values, variables),
)
conditions = st.one_of(
    st.none(),
    variables,
    comparisons,
    st.builds(
        lambda join, parts: {join: parts},
        st.sampled_from(("and", "or")),
        st.lists(comparisons, min_size=2, max_size=3),
    ),
    comparisons.map(lambda rule: {"!": rule}),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a definition with a ticket, up to five tasks and up to three completions."""
    tasks = []
    for number in range(draw(st.integers(0, 5))):
        outputs = draw(fields)
        resets = draw(st.lists(st.sampled_from(outputs), max_size=1)) if draw(st.booleans()) else ()
        tasks.append(
            TaskFile(
                title=str(number),
                task_type=draw(st.sampled_from(list(TaskType))),
                input_fields=draw(fields),
                output_fields=outputs,
                condition=draw(conditions),
                reset_fields=tuple(resets),
            )
        )
    completions = [
        CompletionFile(
            title=str(number),
            fields=draw(fields),
            condition=draw(conditions),
            completion_status=draw(st.sampled_from(list(CompletionStatus))),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    return Plan(tuple(tasks), tuple(completions), (TicketFile(title="Ticket", fields=draw(fields)),))


writes = st.one_of(
    st.builds(
        lambda names, given: Write.by_form(names, dict(zip(names, given, strict=False))),
        fields,
        st.lists(values, max_size=3),
    ),
    st.builds(Write.by_action, fields, st.dictionaries(st.sampled_from(FIELDS), values, max_size=3)),
    st.builds(Write.by_clock, st.dictionaries(st.sampled_from(FIELDS), values, max_size=2)),
    st.builds(
        Write.by_edit,
        st.dictionaries(st.sampled_from(FIELDS), values),
        st.dictionaries(st.sampled_from(FIELDS), values),
    ),
    fields.map(Write.retry),
)
corrections = st.builds(
    lambda before, after: Write.by_edit(before, after, source=Source.CORRECTION),
    st.dictionaries(st.sampled_from(FIELDS), values),
    st.dictionaries(st.sampled_from(FIELDS), values),
)
workspaces = st.dictionaries(
    st.sampled_from(FIELDS), values.filter(lambda value: value not in (None, "", []))
)

moves = st.lists(
    st.tuples(
        st.sampled_from(("complete", "complete", "complete", "edit", "correct", "clock", "cancel", "resume")),
        st.integers(0, 20),
        st.lists(values, min_size=5, max_size=5),
    ),
    max_size=25,
)
Move = tuple[str, int, list[Any]]


def play(workflow: RunningWorkflow, walk: list[Move]) -> RunningWorkflow:
    """Submit the ticket, then make these moves, skipping impossible ones."""
    (ticket,) = workflow.plan.tickets
    workflow.submit(ticket.title, **dict.fromkeys(ticket.fields, 1))
    for move in walk:
        make_move(workflow, move)
    return workflow


def make_move(workflow: RunningWorkflow, move: Move) -> None:
    """Make one move. It picks by title, so that the order of definitions does not matter."""
    kind, number, given = move
    drawn = dict(zip(FIELDS, given, strict=True))
    tasks = sorted(workflow.unfinished(), key=lambda task: task.plan.title)
    task = tasks[number % len(tasks)] if tasks else None
    if kind == "complete" and task and workflow.status == IN_PROGRESS:
        workflow.complete(task.plan.title, **{name: drawn[name] for name in task.plan.output_fields})
    elif kind in ("edit", "correct"):
        name = FIELDS[number % len(FIELDS)]
        (workflow.edit if kind == "edit" else workflow.correct)(**{name: drawn[name]})
    elif kind == "clock":
        name = FIELDS[number % len(FIELDS)]
        workflow.write(Write.by_clock({name: drawn[name]}))
    elif kind == "cancel" and task:
        task.status = "CANCELLED"
        workflow.write(Write.retry(()))
    elif kind == "resume" and workflow.status == CompletionStatus.ON_HOLD:
        workflow.resume()
