"""The demo's workflows and tickets, created with the functions of the site (see `users.demo`)."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from ticketflower.tenancy.context import company_scope
from users import demo as people
from users.models import CustomUser
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.gallery.shelves import RECEIVERS
from workflow_design.models import ConnectionKind, WorkflowLine
from workflow_design.persistence.importing import import_workflow
from workflow_design.versions.publishing import publish
from workflow_ops.actions.connections.actions import Content, create_connection
from workflow_ops.comments.demo import talk_about_the_printer
from workflow_ops.demo.acts import (
    DESIGNER,
    EMPLOYEE,
    FINANCE,
    HR,
    IT,
    MANAGER,
    acting_as,
    ask_it,
    claim,
    complete,
    day,
    open_task,
    submit,
)
from workflow_ops.demo.history import play_history
from workflow_ops.demo.programs import make_demo_programs
from workflow_ops.desk import actions
from workflow_ops.desk.links import link_tickets
from workflow_ops.desk.lists.saved_views import save_view
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.models import DeskList, LinkKind, SavedView, TaskInstance, TicketInstance
from workflow_ops.notifications.demo import make_demo_notifications
from workflow_ops.notifications.webhooks.demo import make_demo_webhook
from workflow_ops.reports.demo import make_demo_reports
from workflow_ops.work import submissions
from workflow_ops.work.overdue import mark_overdue_tasks

GALLERY: Final = Path(__file__).resolve().parent.parent.parent / "workflow_design" / "gallery" / "files"
PUBLISHED: Final = (
    "content_approval",
    "expense_claim",
    "expense_limit",
    "it_support",
    "onboarding",
    "onboarding_account",
    "purchase_approval",
    "vacation_request",
)
"""The workflows of the gallery that the demo's company has published.

Of the two that call other systems there are no tickets: nothing answers before `examples/receivers.py` runs.
"""


def load_demo() -> bool:
    """Create the missing people, workflows and tickets of the demo. Return whether any were created.

    Do nothing if the demo has tickets, or workflows of its own. Tickets are created outside of a
    transaction, because the engine applies a submission after its commit.
    Raise AddressTakenError if another person has one of the demo's addresses.
    """
    with transaction.atomic():
        admin = people.demo_admin() or people.load_demo()
        assert admin.company_id is not None
        with company_scope(admin.company_id, person_id=admin.pk):
            files = [parse_workflow_file((GALLERY / f"{name}.json").read_bytes()) for name in PUBLISHED]
            lines = set(WorkflowLine.objects.values_list("title", flat=True))
            # Other workflows mean that the company is used for real work.
            has_others = lines and not lines >= {file.title for file in files}
            if has_others or TicketInstance.objects.exists():
                return False
            people.add_missing(admin)
            if not lines:
                _connect(admin)
                _publish(files, admin)
    submit_tickets(admin)
    return True


def _connect(admin: CustomUser) -> None:
    """Create the connections that workflows of the gallery name."""
    for name in ("Accounts", "Company register", "Finance system"):
        create_connection(Content(name, ConnectionKind.HTTP, {}, base_address=RECEIVERS), by=admin)
    chat = Content("Team chat", ConnectionKind.SLACK, {}, address=f"{RECEIVERS}/chat")
    create_connection(chat, by=admin)


def _publish(files: Iterable[WorkflowFile], admin: CustomUser) -> None:
    for file in files:
        publish(import_workflow(file, by=admin, may_make_roles=True), by=admin)


TOO_LONG: Final = "Could you make it one week? We deliver in the second."


def submit_tickets(admin: CustomUser) -> None:
    """Submit the demo's tickets and work on them; each step has its own actor and transaction."""
    play_history(admin)
    scenarios = (_vacations, _it_support, _purchases, _onboarding, _expenses, _content, _at_the_desk)
    made = (make_demo_reports, make_demo_notifications, make_demo_programs, make_demo_webhook)
    for scenario in (*scenarios, *made):
        scenario(admin)


def _vacations(admin: CustomUser) -> None:
    def ask(email: str, days: int, first_day: int, note: str = "") -> TicketInstance:
        values: dict[str, Any] = {"days": days, "first_day": day(first_day), "employee_note": note}
        return submit("Vacation request", email, **values)

    booked = ask(EMPLOYEE, 5, 20, "Dina stands in for me.")
    complete(booked, "Decide", MANAGER, decision="change", manager_note=TOO_LONG)
    complete(booked, "Change request", EMPLOYEE, days=3, first_day=day(27))
    complete(booked, "Decide", MANAGER, decision="approve")
    complete(booked, "Book it", HR, booked=True)

    rejected = ask(DESIGNER, 30, 3, "A long journey.")
    complete(rejected, "Decide", MANAGER, decision="reject", manager_note="Not in the busy month, sorry.")

    to_change = ask(EMPLOYEE, 10, 60)
    complete(to_change, "Decide", MANAGER, decision="change", manager_note=TOO_LONG)

    to_book = ask(DESIGNER, 2, 14)
    complete(to_book, "Decide", MANAGER, decision="approve")

    stalled = ask(EMPLOYEE, 1, 5, "Moving house.")
    complete(stalled, "Decide", MANAGER, decision="approve")
    with acting_as(admin.email) as person:
        reason = "The calendar is moved to another system this week."
        actions.cancel_task(open_task(stalled, "Book it"), reason=reason, by=person)

    ask(HR, 8, 90, "Summer.")
    withdrawn = ask(EMPLOYEE, 4, 40)
    with acting_as(EMPLOYEE) as person:
        submissions.withdraw_ticket(withdrawn, reason="The trip is cancelled.", by=person)


def _it_support(admin: CustomUser) -> None:
    solved = ask_it(EMPLOYEE, "No sound in meetings", "hardware", "The headset is not found since Monday.")
    complete(solved, "Help", IT, outcome="question", it_note="Is it plugged into the docking station?")
    complete(solved, "Answer a question", EMPLOYEE, reply="Yes, at the back.")
    complete(solved, "Help", IT, outcome="solved", it_note="Please use the socket at the front.")
    complete(solved, "Try it out", EMPLOYEE, works=True)

    begun = ask_it(DESIGNER, "Printer prints stripes", "hardware", "On the second floor, only in colour.")
    with acting_as(IT) as person:
        task = open_task(begun, "Help")
        submissions.save_draft(task, values={"it_note": "Ordered a new drum."}, by=person)
    find = CustomUser.objects.get_by_natural_key
    talk_about_the_printer(begun, worker=find(IT), requester=find(DESIGNER), admin=admin)

    held = ask_it(HR, "Access for the auditors", "access", "Two people, for a week.")
    with acting_as(IT) as person:
        reason, until = "The auditors name their people next week.", date.fromisoformat(day(6))
        actions.hold_workflow(held, reason=reason, by=person, until=until, resumes_by_itself=True)

    with acting_as(IT) as person:
        view = SavedView(desk_list=DeskList.TICKETS, owner=person)
        save_view(view, name="Longest waiting", is_shared=True, query="sort=waiting", by=person)

    locked = ask_it(EMPLOYEE, "Can't log in to the shop", "access", "My account is locked.", "urgent")
    with acting_as(IT):  # as if they had been submitted longer ago
        for ticket, due_in in ((begun, timedelta(hours=-3)), (locked, timedelta(minutes=40))):
            TaskInstance.objects.filter(workflow_instance__ticket=ticket).update(
                due_at=timezone.now() + due_in
            )
    mark_overdue_tasks(admin.company_id or 0)


def _purchases(admin: CustomUser) -> None:
    def ask(email: str, item: str, amount: float, reason: str) -> TicketInstance:
        values: dict[str, Any] = {"item": item, "amount": amount, "reason": reason, "cost_center": "office"}
        return submit("Purchase request", email, **values)

    delivered = ask(EMPLOYEE, "Two monitors", 480, "The old ones flicker.")
    complete(delivered, "Decide as manager", MANAGER, manager_decision="approve")
    complete(delivered, "Order", FINANCE, order_number="B-1041", expected_on=day(6))
    complete(delivered, "Confirm the delivery", EMPLOYEE, delivery="complete")

    with_finance = ask(DESIGNER, "Plotter for the studio", 3200, "We pay more for prints every year.")
    complete(with_finance, "Decide as manager", MANAGER, manager_decision="approve")

    ask(EMPLOYEE, "Ten office chairs", 2900, "The old ones are from 2009.")
    cancelled = ask(EMPLOYEE, "Coffee machine", 650, "The old one leaks.")
    with acting_as(admin.email) as person:
        actions.cancel_workflow(cancelled, reason="Asked for twice.", by=person)


def _onboarding(admin: CustomUser) -> None:
    with acting_as(MANAGER) as manager:
        # The value of a person field is an id as text.
        manager_id = str(manager.pk)

    def welcome(name: str, days: int, equipment: list[str]) -> TicketInstance:
        values = {"job_title": "Clerk", "department": "sales", "manager": manager_id}
        return submit("New employee", HR, new_name=name, first_day=day(days), equipment=equipment, **values)

    under_way = welcome("Noor Salem", 25, ["laptop", "phone"])
    complete(under_way, "Have the contract signed", HR, contract_signed_on=day(0))
    complete(under_way, "Set up accounts", IT, login_name="nsalem")
    ready = welcome("Tomas Berg", 2, [])
    complete(ready, "Have the contract signed", HR, contract_signed_on=day(-10))
    complete(ready, "Set up accounts", IT, login_name="tberg")
    complete(ready, "Prepare the workplace", HR, desk="Main building, room 12")


def _expenses(admin: CustomUser) -> None:
    paid = claim(EMPLOYEE, "Lunch with a client", "meals", 38.5)
    complete(paid, "Check the receipts", FINANCE, check_result="ok")
    complete(paid, "Pay", FINANCE, paid_on=day(0), payment_reference="2041")

    to_correct = claim(DESIGNER, "Train to the fair", "travel", 129)
    complete(
        to_correct,
        "Check the receipts",
        FINANCE,
        check_result="correct",
        finance_note="The receipt for the way back is missing.",
    )
    to_approve = claim(EMPLOYEE, "Hotel at the fair", "travel", 212.4)
    complete(to_approve, "Check the receipts", FINANCE, check_result="ok")


def _content(admin: CustomUser) -> None:
    def write(email: str, headline: str, body: str) -> TicketInstance:
        return submit("Content", email, headline=headline, channel="website", body=body)

    to_rework = write(EMPLOYEE, "We move", "From next month on you find us on the other side of the river.")
    complete(to_rework, "Review as Legal", FINANCE, legal_verdict="ok")
    note = "Say where exactly, and from which day on."
    complete(to_rework, "Review as editor", MANAGER, editors_verdict="change", editors_note=note)
    half_reviewed = write(HR, "Two new apprentices", "Noor and Tomas begin with us this month.")
    complete(half_reviewed, "Review as editor", MANAGER, editors_verdict="ok")


def _at_the_desk(_admin: CustomUser) -> None:
    """Let IT enter a request made by phone, become responsible for a ticket, and mark a duplicate."""
    first = ask_it(FINANCE, "No network in room 12", "hardware", "By phone.", "urgent", entered_by=IT)
    twice = ask_it(FINANCE, "Still no network", "hardware", "It is the whole room by now.")
    with acting_as(IT) as person:
        set_responsible(first, to=person, by=person)
    with acting_as(IT) as person:
        link_tickets(twice, first, kind=LinkKind.DUPLICATE, by=person)
    with acting_as(IT) as person:
        actions.cancel_workflow(twice, reason=f"Duplicate of #{first.number}.", by=person)
