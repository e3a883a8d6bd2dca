"""Connections that workflows name, and what is wrong with them (docs/check.md, "Static findings")."""

from collections.abc import Iterator

from django.db.models import JSONField, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext as _

from workflow_design.check.findings import Finding, Severity
from workflow_design.check.fixes.names import find_meant
from workflow_design.check.fixes.place import did_you_mean
from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import TaskFile, WorkflowFile
from workflow_design.models import Connection, ConnectionKind, TaskDefinition, TaskType, WorkflowStatus


def tasks_over(name: str) -> QuerySet[TaskDefinition]:
    """Return the tasks of all versions that call over the connection of this name, ignoring case."""
    chat = KeyTextTransform("connection", KeyTransform("chat", Cast("action", JSONField())))
    named = Lower(Value(name))
    rows = TaskDefinition.objects.exclude(task_type=TaskType.FORM)
    rows = rows.annotate(of_call=Lower("connection"), of_message=Lower(chat))
    return rows.filter(Q(of_call=named) | Q(of_message=named))


def connections_named(name: str) -> QuerySet[Connection]:
    """Return the company's connection of this name, ignoring case, if there is one."""
    return Connection.objects.annotate(small=Lower("name")).filter(small=Lower(Value(name)))


def connection_problem(name: str, kind: str | None, *, for_message: bool) -> str:
    """Return why the connection can't be used, "" if it can; its kind is None if the company has none."""
    if kind is None:
        text = _("The company has no connection “%(name)s”.")
    elif ConnectionKind(kind).is_chat == for_message:
        return ""
    elif for_message:
        text = _("“%(name)s” leads to another system, and messages go to chats only.")
    else:
        text = _("“%(name)s” leads to a chat, which takes messages, but no calls.")
    return text % {"name": name}


def workflows_over(name: str) -> list[str]:
    """Return the titles of the workflows whose active version or draft names this connection."""
    rows = tasks_over(name).exclude(workflow__status=WorkflowStatus.ARCHIVED)
    return list(rows.order_by("workflow__title").values_list("workflow__title", flat=True).distinct())


def find_unknown_connections(file: WorkflowFile) -> Iterator[Finding]:
    """Yield the connections that a file names and the company lacks, or has for something else.

    One statement, if it names any.
    """
    named = [
        (place, task) for place, task in enumerate(file.tasks) if not task.is_form and task.connection_name
    ]
    if not named:
        return
    kinds = {name: ConnectionKind(kind) for name, kind in Connection.objects.values_list("name", "kind")}
    by_name = {name.lower(): kind for name, kind in kinds.items()}
    for place, task in named:
        kind = by_name.get(task.connection_name.lower())
        if text := connection_problem(task.connection_name, kind, for_message=task.action is not None):
            where = pointer("tasks", place, *(("connection",) if task.action is None else ("action", "chat")))
            fix = _other_kind(task) if kind is not None else _missing(task, kinds)
            yield Finding("unknown-connection", Severity.ERROR, where, text, fix)


def _missing(task: TaskFile, kinds: dict[str, ConnectionKind]) -> str:
    possible = [name for name, kind in kinds.items() if kind.is_chat == (task.action is not None)]
    add = _("A company admin can add it under “Connections”, or choose another connection in the task.")
    return did_you_mean(find_meant(task.connection_name, possible)) or add


def _other_kind(task: TaskFile) -> str:
    if task.action is None:
        return _("Choose a connection to another system, or post a message to the chat instead.")
    return _("Choose a connection to a chat, or call the other system instead.")
