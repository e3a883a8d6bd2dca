"""The people from whom a form or a tool lets one choose, as its page offers them."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404
from ninja import Query, Router, Schema

from ticketflower.filters import MAX_SEARCH_LENGTH
from ticketflower.listing import Sort, list_page
from users.filters import NAME_IN_ORDER, PeopleSearch
from users.models import CustomUser, PersonQuerySet, Scope
from workflow_design.access import may_administer_workflow, people_who_may_administer
from workflow_design.definition.field_types import USER
from workflow_design.models import TaskDefinition, TicketDefinition
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.people import people_choices
from workflow_ops.api.calls import ApiRequest, Token
from workflow_ops.api.catalogue import find_ticket_type
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.desk.shared import find_task as find_desk_task
from workflow_ops.desk.shared import find_ticket as find_desk_ticket
from workflow_ops.engine.by_hand import assignable_people
from workflow_ops.work.finding import find_task
from workflow_ops.work.requesters import people_who_may_submit

router = Router(tags=["People to choose"])
SORTS = (Sort("name", "", "name_in_order"),)
PARAMETERS = list_parameters(PeopleSearch.base_filters, SORTS)
Words = Annotated[str, Query(max_length=MAX_SEARCH_LENGTH, description="A part of the name")]


class PersonChoice(Schema):
    """A person to choose; the id is the value."""

    id: int
    name: str


@router.get(
    "/ticket-types/{int:ticket_type_id}/requesters",
    auth=Token(Scope.READ),
    response=Page[PersonChoice],
    openapi_extra=PARAMETERS,
)
def list_requesters(request: ApiRequest, ticket_type_id: int) -> dict[str, Any]:
    """List the people for whom you may submit such a ticket."""
    definition = find_ticket_type(request, ticket_type_id)
    if not may_administer_workflow(request.user, definition.workflow):
        return _choices(request, CustomUser.objects.filter(pk=request.user.pk))
    return _choices(request, people_who_may_submit(definition))


@router.get("/ticket-types/{int:ticket_type_id}/people", auth=Token(Scope.READ), response=list[PersonChoice])
def list_people_of_ticket_form(
    request: ApiRequest, ticket_type_id: int, q: Words = ""
) -> list[dict[str, Any]]:
    """List the people whom a field of this kind of ticket can name."""
    definition = find_ticket_type(request, ticket_type_id)
    return _people_of_fields(definition, definition.fields, q)


@router.get("/tasks/{int:task_id}/people", auth=Token(Scope.READ), response=list[PersonChoice])
def list_people_of_task_form(request: ApiRequest, task_id: int, q: Words = "") -> list[dict[str, Any]]:
    """List the people whom a field of this task's form can name."""
    definition = find_task(request.user, task_id).task_definition
    return _people_of_fields(definition, definition.output_fields, q)


@router.get(
    "/desk/tasks/{int:task_id}/people",
    auth=Token(Scope.ADMINISTER),
    response=Page[PersonChoice],
    openapi_extra=PARAMETERS,
)
def list_assignable_people(request: ApiRequest, task_id: int) -> dict[str, Any]:
    """List the people to whom a task can be assigned."""
    return _choices(request, assignable_people(find_desk_task(request, task_id)))


@router.get(
    "/desk/tickets/{int:number}/people",
    auth=Token(Scope.ADMINISTER),
    response=Page[PersonChoice],
    openapi_extra=PARAMETERS,
)
def list_responsible_people(request: ApiRequest, number: int) -> dict[str, Any]:
    """List the people who can be made responsible for a ticket."""
    ticket = find_desk_ticket(request, number)
    return _choices(request, people_who_may_administer([ticket.workflow_instance.workflow_id]))


def _people_of_fields(
    definition: TicketDefinition | TaskDefinition, names: list[str], q: str
) -> list[dict[str, Any]]:
    """Return everybody whom the form offers. Raise Http404 if no field of it takes a person."""
    fields = load_fields(definition.workflow)
    if not any(fields[name].type.base is USER for name in names):
        raise Http404
    wanted = q.casefold()
    return [{"id": int(key), "name": name} for key, name in people_choices() if wanted in name.casefold()]


def _choices(request: ApiRequest, people: PersonQuerySet) -> dict[str, Any]:
    found = PeopleSearch(request.GET, people.annotate(name_in_order=NAME_IN_ORDER))
    page = list_page(request, found.qs, sorts=SORTS)
    return page_of(
        request, (found.form, page), lambda person: {"id": person.pk, "name": person.get_full_name()}
    )
