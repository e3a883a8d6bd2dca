"""The workflows that a person administers, with titles of their tickets and tasks, as filters need them."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ticketflower.prepared_queries import PreparedQuery
from users.access import is_company_admin
from users.models import CustomUser
from workflow_design.access import administered_by
from workflow_design.models import (
    TaskDefinition,
    TicketDefinition,
    WorkflowDefinition,
    WorkflowLine,
    WorkflowStatus,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The workflows that a person administers, by their ids.

    Rights belong to a version. `partly` are the workflows of which the person administers only some versions;
    queries for their rows need a further condition.
    """

    person: CustomUser
    titles: Mapping[int, str]
    partly: frozenset[int]
    is_everything: bool

    @classmethod
    def of(cls, person: CustomUser) -> "Scope":
        """Read the workflows that have published versions, in at most two statements."""
        if is_company_admin(person):
            titles = {line.pk: line.title for line in _PUBLISHED_LINES.rows()}
            return cls(person, titles, frozenset(), is_everything=True)
        mine = _published().filter(pk__in=administered_by(person)).values_list("line_id", "line__title")
        titles, versions = {}, Counter[int]()
        for line_id, title, number in mine.annotate(number=Count("pk")):
            titles[line_id], versions[line_id] = title, number
        every = _published().filter(line__in=titles).values_list("line_id").annotate(number=Count("pk"))
        partly = frozenset(line_id for line_id, number in every if number > versions[line_id])
        return cls(person, titles, partly, is_everything=False)

    @property
    def key(self) -> Hashable:
        """A key on which the conditions depend, or None if they also depend on rights to single versions."""
        return None if self.partly else (self.is_everything, *sorted(self.titles))

    def condition(self, path: str = "", *, lines: Iterable[int] | None = None) -> Q:
        """Return the condition for rows with a `line` that the person administers, of the workflows `lines`.

        `lines` are by default all workflows. `path` is the lookup prefix from a row to the ticket.
        """
        chosen = set(self.titles) if lines is None else set(lines)
        if lines is None and self.is_everything:
            return Q()
        whole, partly = chosen - self.partly, chosen & self.partly
        condition = Q(line__in=sorted(whole))
        if partly:
            versions = Q(**{f"{path}workflow_instance__workflow__in": administered_by(self.person)})
            condition |= Q(line__in=sorted(partly)) & versions
        return condition

    def version_condition(self, line: int, path: str = "") -> Q:
        """Return a further condition for rows of this workflow; none if all versions are administered."""
        if line not in self.partly:
            return Q()
        return Q(**{f"{path}workflow_instance__workflow__in": administered_by(self.person)})

    def ticket_types(self, lines: Iterable[int]) -> dict[int, list[str]]:
        """Return the titles of each workflow's ticket types, in any of its versions."""
        return _titles(TicketDefinition, lines)

    def task_titles(self, lines: Iterable[int]) -> dict[int, list[str]]:
        """Return the titles of each workflow's tasks, in any of its versions."""
        return _titles(TaskDefinition, lines)


_PUBLISHED_LINES: Final = PreparedQuery(
    lambda: WorkflowLine.objects.filter(Exists(_published().filter(line=OuterRef("pk")))), "id", "title"
)


def _published() -> QuerySet[WorkflowDefinition]:
    return WorkflowDefinition.objects.exclude(status=WorkflowStatus.DRAFT)


def _titles(model: "type[TicketDefinition | TaskDefinition]", lines: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if not (chosen := list(lines)):
        return found
    rows = model.objects.filter(workflow__line__in=chosen)
    for line_id, title in rows.values_list("workflow__line_id", "title").distinct().order_by("title"):
        found[line_id].append(title)
    return found
