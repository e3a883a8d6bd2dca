"""What can be read of a workflow file whose form has problems, so that its other problems are told, too."""

from collections.abc import Collection
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Final

from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import CompletionStatus, TaskType, WorkflowFile

_UNUSABLE: Final = frozenset({"wrong-type", "not-a-choice"})
_STAND_INS: Final = {
    "task_type": str(TaskType.FORM),
    "completion_status": str(CompletionStatus.COMPLETED),
    "title": "",
}


@dataclass(frozen=True, slots=True)
class FileRest:
    """A workflow file in which something else stands in for what could not be read."""

    file: WorkflowFile
    unread: frozenset[str]
    """Pointers to what has a problem of form; nothing else can be said about it."""

    def is_read(self, pointer: str) -> bool:
        """Return whether what a pointer leads to could be read."""
        return not any(pointer == each or pointer.startswith(f"{each}/") for each in self.unread)


def read_rest(document: Any, problems: Collection[Problem]) -> FileRest | None:
    """Return what can be read of a document with these problems of form; None without any fields."""
    if not isinstance(document, dict) or not isinstance(document.get("fields_schema"), dict):
        return None
    reader = _Reader(problems)
    file: WorkflowFile = reader.part(WorkflowFile, document, "")
    return FileRest(file, frozenset(reader.unread))


class _Reader:
    def __init__(self, problems: Collection[Problem]) -> None:
        self._found = [problem.pointer for problem in problems]
        # A missing member is reported where it is missing, and the rest of that object can be read.
        found = [problem for problem in problems if problem.code != "missing-member"]
        self.unread = {problem.pointer for problem in found}
        self._unusable = {problem.pointer for problem in found if problem.code in _UNUSABLE}

    def part(self, kind: type, value: Any, where: str) -> Any:
        """Build an object of a class of the format from what is usable of a JSON value."""
        given = value if isinstance(value, dict) else {}
        members = {}
        for member in fields(kind):
            place = f"{where}/{member.name}"
            if member.name in given and place not in self._unusable:
                members[member.name] = self._member(member, given[member.name], place)
            elif member.default is MISSING:
                self.unread.add(place)
                members[member.name] = _STAND_INS.get(member.name, ())
        return kind(**members)

    def _member(self, member: "Field[Any]", value: Any, place: str) -> Any:
        kind = member.metadata.get("kind")
        if kind is not None:
            return tuple(self.part(kind, item, f"{place}/{at}") for at, item in enumerate(value))
        # Nothing is said about these but problems of form.
        if member.name in ("ext_ref", "scenarios", "accepted"):
            return ()
        if member.name == "action" and any(f"{each}/".startswith(f"{place}/") for each in self._found):
            return {"": {}}  # a message of which nothing is known
        if member.metadata["schema"].get("type") == "array":
            return tuple("" if f"{place}/{at}" in self._unusable else item for at, item in enumerate(value))
        return value
