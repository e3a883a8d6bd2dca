"""Definitions of any size, for tests and measurements of the cost of the check."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.tests.examples import equals

YES_NO = {"type": "boolean"}
TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
SCORE = {"type": "integer", "minimum": 0, "maximum": 3}
VERDICT = {"type": "string", "enum": ["good", "open"]}
GRADES = {"type": "string", "enum": ["good", "poor", "open"]}


def form(title: str, reads: list[str], writes: list[str], condition: Any = None) -> TaskFile:
    return TaskFile(
        title=title,
        task_type="FORM",
        input_fields=tuple(reads),
        output_fields=tuple(writes),
        condition=condition,
    )


def action(title: str, reads: list[str], writes: list[str]) -> TaskFile:
    task = form(title, reads, writes)
    return replace(task, task_type="SYNC_ACTION", action_url="https://example.com/")


def workflow(properties: dict[str, Any], tasks: list[TaskFile], end: CompletionFile) -> WorkflowFile:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return WorkflowFile(
        title="Large",
        fields_schema=schema,
        tickets=(TicketFile(title="Ask", fields=("start",)),),
        tasks=tuple(tasks),
        completions=(end,),
    )


def parallel(number: int) -> WorkflowFile:
    """Return this many parallel yes/no tasks, then one that waits until all are answered with yes."""
    names = [f"answer_{each}" for each in range(number)]
    tasks = [form(f"Ask {name}", ["start"], [name]) for name in names]
    tasks.append(form("Join", names, ["done"], {"and": [{"var": name} for name in names]}))
    properties = {"start": {"type": "string"}, **dict.fromkeys(names, YES_NO), "done": YES_NO}
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=("done",))
    return workflow(properties, tasks, end)


def staged(*beside: int) -> WorkflowFile:
    """Return stages of parallel grades, each with a task that continues only if none is open."""
    properties: dict[str, Any] = {"start": {"type": "string"}}
    tasks = []
    before = "start"
    for stage, number in enumerate(beside):
        names = [f"grade_{stage}_{each}" for each in range(number)]
        tasks += [form(f"Grade {name}", [before], [name]) for name in names]
        before = f"stage_{stage}"
        properties |= {**dict.fromkeys(names, GRADES), before: {"type": "string"}}
        filled = {"!": {"missing": names}}
        closed = [{"!=": [{"var": name}, "open"]} for name in names]
        tasks.append(form(f"Close {stage}", names, [before], {"and": [filled, *closed]}))
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=(before,))
    return workflow(properties, tasks, end)


def loops(number: int) -> WorkflowFile:
    """Return independent loops that each repeat until an answer ends them."""
    names = [f"grade_{each}" for each in range(number)]
    tasks = [form(f"Grade {name}", ["start"], [name]) for name in names]
    tasks += [form(f"Again {name}", [name], ["start"], equals(name, "open")) for name in names]
    end = CompletionFile(
        title="End",
        completion_status="COMPLETED",
        fields=tuple(names),
        condition={"and": [equals(name, "good") for name in names]},
    )
    return workflow({"start": {"type": "string"}, **dict.fromkeys(names, GRADES)}, tasks, end)


def review_loops(number: int) -> WorkflowFile:
    """Return independent loops of a draft and its review, and an end that waits for all of them."""
    names = [str(each) for each in range(number)]
    tasks = []
    for name in names:
        again = {"!=": [{"var": f"verdict_{name}"}, "good"]}
        tasks.append(form(f"Draft {name}", ["start", f"verdict_{name}"], [f"draft_{name}"], again))
        review = form(f"Review {name}", [f"draft_{name}"], [f"verdict_{name}"])
        tasks.append(replace(review, reset_fields=review.output_fields))
    properties = {f"draft_{name}": TEXT for name in names} | {f"verdict_{name}": VERDICT for name in names}
    return workflow({"start": TEXT, **properties}, tasks, _end([f"verdict_{name}" for name in names], "good"))


def reviewers(number: int, *, is_planted: bool = False) -> WorkflowFile:
    """Return reviewers who all review again after each change; if planted, nothing follows a rejection."""
    names = [f"verdict_{each}" for each in range(number)]
    all_filled = {"!": {"missing": names}}
    tasks = [replace(form(f"Review {name}", ["start"], [name]), reset_fields=(name,)) for name in names]
    change = {"or": [equals(name, "open") for name in names]}
    if not is_planted:
        change = {"or": [change, {"or": [equals(name, "poor") for name in names]}]}
    tasks.append(form("Rework", names, ["start"], {"and": [all_filled, change]}))
    return workflow({"start": TEXT, **dict.fromkeys(names, GRADES)}, tasks, _end(names, "good"))


def filled(number: int) -> WorkflowFile:
    """Return parallel tasks whose answers don't matter, and an end that waits for all of them."""
    names = [f"text_{each}" for each in range(number)]
    tasks = [form(f"Write {name}", ["start"], [name]) for name in names]
    return workflow(dict.fromkeys(("start", *names), TEXT), tasks, _end(names, None))


def votes(number: int) -> WorkflowFile:
    """Return votes of three values, of which the majority decides."""
    names = [f"vote_{each}" for each in range(number)]
    tasks = [form(f"Ask {name}", ["start"], [name]) for name in names]
    count = {"+": [{"if": [equals(name, "good"), 1, 0]} for name in names]}
    return _decided({"start": TEXT, **dict.fromkeys(names, GRADES)}, tasks, names, {">": [count, number / 2]})


def scores(number: int) -> WorkflowFile:
    """Return scores from 0 to 3, of which the sum decides."""
    names = [f"score_{each}" for each in range(number)]
    tasks = [form(f"Ask {name}", ["start"], [name]) for name in names]
    total = {"+": [{"var": name} for name in names]}
    properties = {"start": TEXT, **dict.fromkeys(names, SCORE)}
    return _decided(properties, tasks, names, {">=": [total, 2 * number]})


def needs(number: int) -> WorkflowFile:
    """Return a ticket that asks for this many yes/no answers, with a task for each yes."""
    names = [f"need_{each}" for each in range(number)]
    done = [f"done_{each}" for each in range(number)]
    pairs = list(zip(names, done, strict=True))
    tasks = [form(f"Do {name}", [name], [result], {"var": name}) for name, result in pairs]
    ready = {"and": [{"or": [{"!": {"var": name}}, {"!!": {"var": result}}]} for name, result in pairs]}
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=(*names, *done), condition=ready)
    file = workflow({**dict.fromkeys(names, YES_NO), **dict.fromkeys(done, TEXT)}, tasks, end)
    return replace(file, tickets=(TicketFile(title="Ask", fields=tuple(names)),))


def follow_ups(number: int) -> WorkflowFile:
    """Return a ticket that asks for this many yes/no answers; a second yes has a task."""
    names = [(f"need_{each}", f"sure_{each}", f"done_{each}") for each in range(number)]
    tasks, ready = [], []
    for need, sure, done in names:
        tasks.append(form(f"Ask {need}", [need], [sure], {"var": need}))
        tasks.append(form(f"Do {need}", [sure], [done], {"var": sure}))
        declined = [{"!": {"var": need}}, {"==": [{"var": sure}, False]}]
        ready.append({"or": [*declined, {"!!": {"var": done}}]})
    every = [name for each in names for name in each]
    tasks.append(form("Close", every, ["closed"], {"and": ready}))
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=("closed",))
    kinds = {name: TEXT if name.startswith("done") else YES_NO for name in every}
    file = workflow({**kinds, "closed": TEXT}, tasks, end)
    return replace(file, tickets=(TicketFile(title="Ask", fields=tuple(need for need, *_rest in names)),))


def optional_choices(number: int) -> WorkflowFile:
    """Return a ticket with this many optional choices, each of which is compared once."""
    names = [f"choice_{each}" for each in range(number)]
    task = form("Do", names, ["done"], {"or": [equals(name, "a") for name in names]})
    other = form("Other", names, ["done"], {"and": [{"!=": [{"var": name}, "a"]} for name in names]})
    choice = {"type": "string", "enum": ["a", "b"]}
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=("done",))
    file = workflow({**dict.fromkeys(names, choice), "done": TEXT}, [task, other], end)
    schema = {**file.fields_schema, "required": ["done"]}
    return replace(file, fields_schema=schema, tickets=(TicketFile(title="Ask", fields=tuple(names)),))


def held(number: int) -> WorkflowFile:
    """Return a hold while this many actions are under way."""
    names = [f"result_{each}" for each in range(number)]
    tasks = [action(f"Call {name}", ["start"], [name]) for name in names]
    tasks.append(form("Watch", ["start"], ["stop"]))
    hold = CompletionFile(
        title="Hold", completion_status="ON_HOLD", fields=("stop",), condition=equals("stop", True)
    )
    file = workflow({"start": TEXT, **dict.fromkeys(names, YES_NO), "stop": YES_NO}, tasks, hold)
    end = _end([*names, "stop"], None)
    return replace(file, completions=(hold, end))


def counters(number: int) -> WorkflowFile:
    """Return independent loops that each count to three, and an end that waits for all of them."""
    names = [f"count_{each}" for each in range(number)]
    tasks = []
    for name in names:
        count = {"+": [{"if": [{"var": f"workspace.{name}"}, {"var": f"workspace.{name}"}, 0]}, 1]}
        below = {"!": {">=": [{"if": [{"var": name}, {"var": name}, 0]}, 3]}}
        tasks.append(form(f"Remind {name}", ["start", name], [f"sent_{name}"], below))
        tasks.append(replace(action(f"Add {name}", [f"sent_{name}"], [name]), output_transform={name: count}))
    properties = {"start": TEXT, **dict.fromkeys(names, INTEGER)}
    properties |= {f"sent_{name}": TEXT for name in names}
    ready = {"and": [{">=": [{"if": [{"var": name}, {"var": name}, 0]}, 3]} for name in names]}
    end = CompletionFile(title="End", completion_status="COMPLETED", fields=tuple(names), condition=ready)
    return workflow(properties, tasks, end)


def _end(names: list[str], value: str | None) -> CompletionFile:
    """Return the end when all fields are filled, or have this value."""
    rule = {"!": {"missing": names}} if value is None else {"and": [equals(name, value) for name in names]}
    return CompletionFile(title="End", completion_status="COMPLETED", fields=tuple(names), condition=rule)


def _decided(properties: dict[str, Any], tasks: list[TaskFile], names: list[str], rule: Any) -> WorkflowFile:
    """Return a workflow with two ends, one of which is reached when all fields are filled."""
    all_filled = {"!": {"missing": names}}
    ends = [
        CompletionFile(
            title=title, completion_status=status, fields=tuple(names), condition={"and": [all_filled, each]}
        )
        for title, status, each in (("Yes", "COMPLETED", rule), ("No", "CANCELLED", {"!": rule}))
    ]
    return replace(workflow(properties, tasks, ends[0]), completions=tuple(ends))


FAMILIES: dict[str, tuple[Callable[[int], WorkflowFile], tuple[int, ...]]] = {
    "yes/no in parallel, all yes": (parallel, (4, 6, 10, 14)),
    "texts in parallel, all filled": (filled, (8, 10, 14)),
    "review loops, all good": (review_loops, (5, 7, 10)),
    "reviewers with rework": (reviewers, (4, 5, 6, 8)),
    "majority of votes": (votes, (5, 6, 8)),
    "sum of scores": (scores, (5, 6, 8)),
    "yes/no in the ticket, each with a task": (needs, (8, 10, 14)),
    "optional choices in one form": (optional_choices, (7, 8, 40)),
    "actions during a hold": (held, (5, 6, 8)),
    "counters to three": (counters, (3, 4, 6)),
    "loops to the same start": (loops, (5, 9)),
}
"""Families of large definitions, with the numbers for which they are measured."""
