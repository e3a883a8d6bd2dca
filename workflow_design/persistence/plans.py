"""Plans and fields of stored definitions, cached in each process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from ticketflower.formats import FORMAT
from ticketflower.tenancy.context import WallError, current_company_id
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import CompletionFile, TaskFile
from workflow_design.engine import Plan
from workflow_design.models import TicketAdminRole, WorkflowDefinition
from workflow_design.persistence.exporting import read_workflow, with_role_names
from workflow_design.wording.rules import Vocabulary, describe_rule

if TYPE_CHECKING:
    from workflow_design.picture.model import Picture

CACHED_PLANS: Final = 500
CACHED_PICTURES: Final = 100


def load_plan(workflow_id: int) -> Plan:
    """Return the plan of a version; its keys are the ids of the definitions' rows as strings.

    Must be called in the company's scope. The plan of a draft is loaded each time (four queries).
    The plan of any other version is cached and then needs no query, because such a version never
    changes (`docs/engine.md`, "Versions"). The company is part of the cache key: a cached plan is
    returned only in the company that loaded it, using managers that see no other company's rows.
    Raise WorkflowDefinition.DoesNotExist, or WallError outside a company's scope.
    """
    try:
        return _cached_plan(_company_id(), workflow_id)
    except _DraftError as draft:
        return draft.plan


def load_picture(workflow_id: int, *, with_conditions: bool = True) -> Picture:
    """Return the picture of a published version, without marks; cached for each way to write conditions.

    Without conditions it names definitions alone: which there are, but not what decides on them. Raise
    WorkflowDefinition.DoesNotExist, ValueError for a draft, which may still change, and WallError outside a
    company's scope.
    """
    return _cached_picture(_company_id(), workflow_id, with_conditions, _way_to_write())


def load_rule_words(workflow_id: int) -> Mapping[tuple[str, str], str]:
    """Return the conditions of a published version in words, by kind and key; cached like its picture.

    Ids of people and files are not named. Raise the errors of `load_picture`.
    """
    return _cached_rule_words(_company_id(), workflow_id, _way_to_write())


def _way_to_write() -> tuple[object, ...]:
    """Return what decides how conditions are written: language, marks of numbers, time zone of moments."""
    return get_language(), FORMAT.get(), get_current_timezone_name()


def _company_id() -> int:
    company_id = current_company_id()
    if company_id is None:
        raise WallError("a plan can only be loaded in a company's scope")
    return company_id


def load_fields(workflow: WorkflowDefinition) -> Fields:
    """Return the fields that the version declares, in the order of its schema; cached by the schema."""
    return data_validator(workflow.fields_schema).fields


class _DraftError(Exception):
    """Carries the plan of a draft out of `lru_cache`, which does not cache exceptions."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan


@lru_cache(maxsize=CACHED_PLANS)
def _cached_plan(company_id: int, workflow_id: int) -> Plan:
    workflow = with_role_names(WorkflowDefinition.objects, TicketAdminRole).get(pk=workflow_id)
    plan = read_workflow(workflow).plan()
    # Raising keeps the plan out of the cache, because a draft may still change.
    if workflow.is_draft:
        raise _DraftError(plan)
    return plan


@lru_cache(maxsize=CACHED_PLANS)
def _cached_rule_words(
    company_id: int, workflow_id: int, _way: tuple[object, ...]
) -> Mapping[tuple[str, str], str]:
    plan = _cached_plan(company_id, workflow_id)
    vocabulary = Vocabulary(plan.fields)
    parts: list[TaskFile | CompletionFile] = [*plan.tasks, *plan.completions]
    return {(str(part.kind), plan.key(part).key): describe_rule(part.condition, vocabulary) for part in parts}


@lru_cache(maxsize=CACHED_PICTURES)
def _cached_picture(
    _company_id: int, workflow_id: int, with_conditions: bool, _way: tuple[object, ...]
) -> Picture:
    from workflow_design.picture.drawing import draw_picture  # few unfold a picture

    workflow = WorkflowDefinition.objects.get(pk=workflow_id)
    if workflow.is_draft:
        raise ValueError("the picture of a draft can't be cached")
    plan, vocabulary = load_plan(workflow_id), Vocabulary.of_schema(workflow.fields_schema)
    if with_conditions:
        return draw_picture(plan, vocabulary)
    return draw_picture(plan.without_conditions(), vocabulary).without_fields()
