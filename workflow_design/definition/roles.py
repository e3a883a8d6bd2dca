"""The company roles that a part of a workflow names.

The role that gets an e-mail counts as one that does the task: it is made, renamed and kept in the same way.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from workflow_design.definition.ready_made import recipient_role, with_recipient
from workflow_design.definition.workflow import PartFile, TaskFile, TicketFile


def roles_of(part: PartFile) -> dict[tuple[str | int, ...], str]:
    """Return the roles that a part names by their places: who submits or does it, or gets its e-mail."""
    if isinstance(part, TaskFile) and (role := recipient_role(part.action)):
        return {("action", "email", "to", "role"): role}
    member = _member(part)
    return {(member, number): name for number, name in enumerate(getattr(part, member, ()))}


def with_roles(part: Any, names: Iterable[str]) -> Any:
    """Return the part with these names in place of the roles that it names; an e-mail keeps at least one."""
    if isinstance(part, TaskFile) and (role := recipient_role(part.action)):
        return replace(part, action=with_recipient(part.action, role=next(iter(names), role)))
    member = _member(part)
    return replace(part, **{member: tuple(names)}) if member else part


def _member(part: PartFile) -> str:
    return {TicketFile: "submitter_roles", TaskFile: "executor_roles"}.get(type(part), "")
