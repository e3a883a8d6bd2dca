"""The page of search results."""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from users.access import may_manage_company
from users.languages import dictionary_of
from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_ops.models import Audience, TaskInstance, TicketInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.search.finding import (
    RESULTS,
    Hit,
    clean_text,
    find_by_number,
    indexed_forms,
    read_number,
    search,
)
from workflow_ops.search.snippets import find_snippet, highlight, matcher
from workflow_ops.search.words import typed_words

_MAX_PEOPLE: Final = 5


@require_safe
@company_page()
def search_page(request: PageRequest) -> HttpResponse:
    """Show the tickets that contain all of the words, newest first; redirect a number to its ticket."""
    text = clean_text(request.GET.get("q", ""))
    before = read_number(request.GET.get("before", ""))
    ticket = find_by_number(request.user, text)
    if ticket is not None:
        is_admin = may_administer_workflow(request.user, ticket.workflow_instance.workflow)
        return redirect(_page_of(ticket.number, administers=is_admin))
    found = search(request.user, text, most=RESULTS, before=before)
    is_first = before is None
    context = {
        "q": text,
        "rows": _rows(request, text, found.hits),
        "people": _people(request.user, text) if is_first else [],
        "older": found.older(RESULTS),
        "searched_to": found.searched_to if len(found.hits) < RESULTS else None,
        "is_first": is_first,
    }
    return render(request, "workflow_ops/search.html", context)


def _page_of(number: int, *, administers: bool) -> str:
    return reverse("manage_ticket" if administers else "ticket_detail", args=[number])


def _rows(request: PageRequest, text: str, hits: list[Hit]) -> list[dict[str, Any]]:
    """Return the rows of the page of results. This takes three statements."""
    if not hits:
        return []
    person, words = request.user, typed_words(text)
    matches = matcher(indexed_forms(dictionary_of(request.company.language), words), words[-1].word)
    tickets = TicketInstance.objects.select_related("document", "created_by")
    found = {ticket.pk: ticket for ticket in tickets.filter(pk__in=[hit.ticket_id for hit in hits])}
    mine = _my_tasks(person, found.values())
    rows = []
    for hit in hits:
        ticket = found[hit.ticket_id]
        parts = ticket.document.parts
        lines = [*parts[Audience.EVERYBODY]]
        lines += parts.get(Audience.INSIDE, ()) if hit.reads_internal else ()
        lines += parts.get(Audience.ADMINS, ()) if hit.administers else ()
        rows.append(
            {
                "ticket": ticket,
                "title": highlight(ticket.heading, matches),
                "url": _page_of(ticket.number, administers=hit.administers),
                "task": mine.get(ticket.workflow_instance_id),
                "snippet": find_snippet(lines, matches),
            }
        )
    return rows


def _my_tasks(person: CustomUser, tickets: Any) -> dict[int, TaskInstance]:
    """Return the oldest unfinished task of the person in each of these tickets."""
    runs = [ticket.workflow_instance_id for ticket in tickets]
    tasks = TaskInstance.objects.filter(
        workflow_instance__in=runs, assigned_to=person.pk, status__in=UNFINISHED_STATUSES
    )
    newest_first = tasks.select_related("task_definition").order_by("-created_at", "-pk")
    return {task.workflow_instance_id: task for task in newest_first}


def _people(person: CustomUser, text: str) -> list[CustomUser]:
    """Return the people with this name, if the person may open pages of people."""
    if not text or not may_manage_company(person):
        return []
    return list(CustomUser.objects.matching(text).order_by("first_name", "last_name", "pk")[:_MAX_PEOPLE])
