"""The templates of the gallery: workflow files that come with TicketFlower. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Self

from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile

FOLDER: Final = Path(__file__).resolve().parent / "files"


@dataclass(frozen=True, slots=True)
class Template:
    """A workflow of the gallery; `name` is used in its URL."""

    name: str
    file: WorkflowFile

    @property
    def roles(self) -> tuple[str, ...]:
        """The distinct roles of the template: of its tickets, then its tasks, then its ticket admins."""
        parts = (*self.file.tickets, *self.file.tasks)
        named = [*(name for part in parts for name in part.roles.values()), *self.file.ticket_admin_roles]
        # A dictionary removes duplicates and keeps their order.
        return tuple({name.casefold(): name for name in named}.values())

    def matches(self, text: str) -> bool:
        """Return whether every word of a search occurs in its texts, tickets, tasks or roles."""
        file = self.file
        starts = [ticket.title for ticket in file.tickets]
        tasks = [task.title for task in file.tasks]
        all_of_it = " ".join([file.title, file.description, *starts, *tasks, *self.roles]).casefold()
        return all(word in all_of_it for word in text.casefold().split())

    def adapt(self, *, title: str, roles: Mapping[str, str]) -> WorkflowFile:
        """Return its file with another title and replaced roles; "" removes a role."""
        names = {name.casefold(): role for name, role in roles.items()}
        return replace(
            self.file,
            title=title,
            ticket_admin_roles=_map_roles(self.file.ticket_admin_roles, names),
            tickets=tuple(
                each.with_roles(_map_roles(each.roles.values(), names)) for each in self.file.tickets
            ),
            tasks=tuple(each.with_roles(_map_roles(each.roles.values(), names)) for each in self.file.tasks),
            scenarios=tuple(
                {
                    **each,
                    "people": {
                        name: list(_map_roles(held, names)) for name, held in each.get("people", {}).items()
                    },
                }
                for each in self.file.scenarios
            ),
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a template from a file."""
        return cls(path.stem, parse_workflow_file(path.read_bytes()))


@cache
def gallery() -> Mapping[str, Template]:
    """Return all templates by name, in the order of their titles; they are read once per process."""
    templates = [Template.read(path) for path in FOLDER.glob("*.json")]
    return {each.name: each for each in sorted(templates, key=lambda each: each.file.title.casefold())}


def _map_roles(names: Iterable[str], roles: Mapping[str, str]) -> tuple[str, ...]:
    """Replace the roles, and name a role once if two were mapped to it."""
    mapped = [roles.get(name.casefold(), name) for name in names]
    return tuple({name.casefold(): name for name in mapped if name}.values())
