"""The people who can be chosen in a form or tool, as its page offers them."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django.http import Http404
from ninja import Router, Schema
from pydantic import Field

from ticketflower.listing import Sort, list_page
from users.filters import NAME_IN_ORDER, PeopleSearch
from users.models import PersonQuerySet, Scope
from workflow_design.definition.field_types import USER
from workflow_design.persistence.plans import load_plan
from workflow_design.workspace.people import people_to_choose
from workflow_ops.api.calls import ApiRequest, Token
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.desk.responsible import people_who_can_be_responsible
from workflow_ops.desk.shared import find_task as find_desk_task
from workflow_ops.desk.shared import find_ticket as find_desk_ticket
from workflow_ops.engine.by_hand import assignable_people, restrictable_people
from workflow_ops.work.finding import find_task, find_ticket_type
from workflow_ops.work.requesters import people_to_submit_for

router = Router(tags=["People to choose"])
SORTS = (Sort("name", "", "name_in_order"),)


class PersonChoice(Schema):
    """A person who can be chosen."""

    id: int = Field(description="The value to send.")
    name: str


_list_people = partial(
    router.get,
    response=Page[PersonChoice],
    openapi_extra=list_parameters(PeopleSearch.base_filters, SORTS),
)


@_list_people("/ticket-types/{int:ticket_type_id}/requesters", auth=Token(Scope.READ))
def list_requesters(request: ApiRequest, ticket_type_id: int) -> dict[str, Any]:
    """List the people for whom you may submit a ticket of this type (`requester` of `submit_ticket`)."""
    definition = find_ticket_type(request.user, ticket_type_id)
    return _choices(request, people_to_submit_for(definition, by=request.user))


@_list_people("/ticket-types/{int:ticket_type_id}/people", auth=Token(Scope.READ))
def list_people_of_ticket_form(request: ApiRequest, ticket_type_id: int) -> dict[str, Any]:
    """List the people who can be values in the form of a ticket type. 404 if no field takes a person."""
    definition = find_ticket_type(request.user, ticket_type_id)
    return _choices(request, _people_of_fields(definition.workflow_id, definition.fields))


@_list_people("/tasks/{int:task_id}/people", auth=Token(Scope.READ))
def list_people_of_task_form(request: ApiRequest, task_id: int) -> dict[str, Any]:
    """List the people who can be values in the form of a task. 404 if no field takes a person."""
    definition = find_task(request.user, task_id).task_definition
    return _choices(request, _people_of_fields(definition.workflow_id, definition.output_fields))


@_list_people("/desk/tasks/{int:task_id}/people", auth=Token(Scope.ADMINISTER))
def list_assignable_people(request: ApiRequest, task_id: int) -> dict[str, Any]:
    """List the people to whom `assign_task` can assign a task."""
    return _choices(request, assignable_people(find_desk_task(request, task_id)))


@_list_people("/desk/tasks/{int:task_id}/restrictable-people", auth=Token(Scope.ADMINISTER))
def list_restrictable_people(request: ApiRequest, task_id: int) -> dict[str, Any]:
    """List the people to whom `restrict_task` can restrict a task, including the present ones."""
    return _choices(request, restrictable_people(find_desk_task(request, task_id)))


@_list_people("/desk/tickets/{int:number}/people", auth=Token(Scope.ADMINISTER))
def list_responsible_people(request: ApiRequest, number: int) -> dict[str, Any]:
    """List the people whom `set_responsible_person` can make responsible for a ticket."""
    return _choices(request, people_who_can_be_responsible(find_desk_ticket(request, number)))


def _people_of_fields(workflow_id: int, names: Collection[str]) -> PersonQuerySet:
    """Return the people whom these fields of a form can name. Raise Http404 if none takes a person."""
    fields = load_plan(workflow_id).fields
    if not any(fields[name].type.base is USER for name in names):
        raise Http404
    return people_to_choose()


def _choices(request: ApiRequest, people: PersonQuerySet) -> dict[str, Any]:
    found = PeopleSearch(request.GET, people.annotate(name_in_order=NAME_IN_ORDER))
    page = list_page(request, found.qs, sorts=SORTS)
    return page_of(
        request, (found.form, page), lambda person: {"id": person.pk, "name": person.get_full_name()}
    )
