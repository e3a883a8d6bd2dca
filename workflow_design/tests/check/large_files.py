"""Definitions of any size, for tests and measurements of the cost of the check."""

from typing import Any

from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.tests.examples import equals

YES_NO = {"type": "boolean"}
GRADES = {"type": "string", "enum": ["good", "poor", "open"]}


def form(title: str, reads: list[str], writes: list[str], condition: Any = None) -> TaskFile:
    return TaskFile(
        title=title,
        task_type="FORM",
        input_fields=tuple(reads),
        output_fields=tuple(writes),
        condition=condition,
    )


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
