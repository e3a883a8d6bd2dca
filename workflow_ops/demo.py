"""The demo's workflows and tickets, created with the functions of the site (see `users.demo`)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from ticketflower.tenancy.context import company_scope
from users import demo as people
from users.models import CustomUser
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.gallery.shelves import RECEIVERS
from workflow_design.models import ConnectionKind, TicketDefinition, WorkflowLine, WorkflowStatus
from workflow_design.persistence.importing import import_workflow
from workflow_design.versions.publishing import publish
from workflow_ops.actions.connections.actions import Content, create_connection
from workflow_ops.comments.demo import talk_about_the_printer
from workflow_ops.desk import actions
from workflow_ops.desk.links import link_tickets
from workflow_ops.desk.lists.saved_views import save_view
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.files import upload_file
from workflow_ops.models import DeskList, LinkKind, SavedView, TaskInstance, TicketInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.notifications.demo import make_demo_notifications
from workflow_ops.reports.demo import make_demo_reports
from workflow_ops.work import submissions
from workflow_ops.work.overdue import tell_overdue_tasks

GALLERY: Final = Path(__file__).resolve().parent.parent / "workflow_design" / "gallery" / "files"
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


EMPLOYEE, DESIGNER, MANAGER, HR, FINANCE, IT = (
    f"{name}@demo.example" for name in ("employee", "designer", "manager", "hr", "finance", "it")
)
TOO_LONG: Final = "Could you make it one week? We deliver in the second."


def submit_tickets(admin: CustomUser) -> None:
    """Submit the demo's tickets and work on them; each step has its own actor and transaction."""
    scenarios = (_vacations, _it_support, _purchases, _onboarding, _expenses, _content, _at_the_desk)
    for scenario in (*scenarios, make_demo_reports, make_demo_notifications):
        scenario(admin)


def _day(days: int) -> str:
    return str(timezone.localdate() + timedelta(days=days))


@contextmanager
def _acting_as(email: str) -> Iterator[CustomUser]:
    """Act as a person of the demo, in one transaction; its effects are applied when it has committed."""
    person = CustomUser.objects.get_by_natural_key(email)
    with person.scope(), transaction.atomic():
        yield person


def _submit(
    title: str, email: str, *, file_ids: Sequence[str] = (), entered_by: str = "", **values: Any
) -> TicketInstance:
    with _acting_as(entered_by or email) as person:
        kinds = TicketDefinition.objects.select_related("workflow")
        definition = kinds.get(title=title, workflow__status=WorkflowStatus.ACTIVE)
        return submissions.submit_ticket(
            definition,
            values=values,
            form_token=uuid4(),
            by=CustomUser.objects.get(email=email),
            entered_by=person if entered_by else None,
            file_ids=file_ids,
        )


def _open_task(ticket: TicketInstance, title: str) -> TaskInstance:
    tasks = TaskInstance.objects.filter(status__in=UNFINISHED_STATUSES)
    return tasks.get(workflow_instance=ticket.workflow_instance_id, task_definition__title=title)


def _complete(ticket: TicketInstance, title: str, email: str, **values: Any) -> None:
    with _acting_as(email) as person:
        task = _open_task(ticket, title)
        submissions.complete_task(task, values=values, input_version=task.input_version, by=person)


def _vacations(admin: CustomUser) -> None:
    def ask(email: str, days: int, first_day: int, note: str = "") -> TicketInstance:
        values: dict[str, Any] = {"days": days, "first_day": _day(first_day), "employee_note": note}
        return _submit("Vacation request", email, **values)

    booked = ask(EMPLOYEE, 5, 20, "Dina stands in for me.")
    _complete(booked, "Decide", MANAGER, decision="change", manager_note=TOO_LONG)
    _complete(booked, "Change request", EMPLOYEE, days=3, first_day=_day(27))
    _complete(booked, "Decide", MANAGER, decision="approve")
    _complete(booked, "Book it", HR, booked=True)

    rejected = ask(DESIGNER, 30, 3, "A long journey.")
    _complete(rejected, "Decide", MANAGER, decision="reject", manager_note="Not in the busy month, sorry.")

    to_change = ask(EMPLOYEE, 10, 60)
    _complete(to_change, "Decide", MANAGER, decision="change", manager_note=TOO_LONG)

    to_book = ask(DESIGNER, 2, 14)
    _complete(to_book, "Decide", MANAGER, decision="approve")

    stalled = ask(EMPLOYEE, 1, 5, "Moving house.")
    _complete(stalled, "Decide", MANAGER, decision="approve")
    with _acting_as(admin.email) as person:
        reason = "The calendar is moved to another system this week."
        actions.cancel_task(_open_task(stalled, "Book it"), reason=reason, by=person)

    ask(HR, 8, 90, "Summer.")
    withdrawn = ask(EMPLOYEE, 4, 40)
    with _acting_as(EMPLOYEE) as person:
        submissions.withdraw_ticket(withdrawn, reason="The trip is cancelled.", by=person)


def _ask_it(
    email: str, summary: str, category: str, details: str, urgency: str = "normal", *, entered_by: str = ""
) -> TicketInstance:
    values = {"summary": summary, "category": category, "urgency": urgency, "details": details}
    return _submit("IT request", email, entered_by=entered_by, **values)


def _it_support(admin: CustomUser) -> None:
    solved = _ask_it(EMPLOYEE, "No sound in meetings", "hardware", "The headset is not found since Monday.")
    _complete(solved, "Help", IT, outcome="question", it_note="Is it plugged into the docking station?")
    _complete(solved, "Answer a question", EMPLOYEE, reply="Yes, at the back.")
    _complete(solved, "Help", IT, outcome="solved", it_note="Please use the socket at the front.")
    _complete(solved, "Try it out", EMPLOYEE, works=True)

    begun = _ask_it(MANAGER, "Printer prints stripes", "hardware", "On the second floor, only in colour.")
    with _acting_as(IT) as person:
        task = _open_task(begun, "Help")
        submissions.save_draft(task, values={"it_note": "Ordered a new drum."}, by=person)
    find = CustomUser.objects.get_by_natural_key
    talk_about_the_printer(begun, worker=find(IT), requester=find(MANAGER), admin=admin)

    held = _ask_it(HR, "Access for the auditors", "access", "Two people, for a week.")
    with _acting_as(IT) as person:
        reason, until = "The auditors name their people next week.", date.fromisoformat(_day(6))
        actions.hold_workflow(held, reason=reason, by=person, until=until, resumes_by_itself=True)

    with _acting_as(IT) as person:
        view = SavedView(desk_list=DeskList.TICKETS, owner=person)
        save_view(view, name="Longest waiting", is_shared=True, query="sort=waiting", by=person)

    locked = _ask_it(EMPLOYEE, "Can't log in to the shop", "access", "My account is locked.", "urgent")
    with _acting_as(IT):  # as if they had been submitted longer ago
        for ticket, due_in in ((begun, timedelta(hours=-3)), (locked, timedelta(minutes=40))):
            TaskInstance.objects.filter(workflow_instance__ticket=ticket).update(
                due_at=timezone.now() + due_in
            )
    tell_overdue_tasks(admin.company_id or 0)


def _purchases(admin: CustomUser) -> None:
    def ask(email: str, item: str, amount: float, reason: str) -> TicketInstance:
        values: dict[str, Any] = {"item": item, "amount": amount, "reason": reason, "cost_center": "office"}
        return _submit("Purchase request", email, **values)

    delivered = ask(EMPLOYEE, "Two monitors", 480, "The old ones flicker.")
    _complete(delivered, "Decide as manager", MANAGER, manager_decision="approve")
    _complete(delivered, "Order", FINANCE, order_number="B-1041", expected_on=_day(6))
    _complete(delivered, "Confirm the delivery", EMPLOYEE, delivery="complete")

    with_finance = ask(DESIGNER, "Plotter for the studio", 3200, "We pay more for prints every year.")
    _complete(with_finance, "Decide as manager", MANAGER, manager_decision="approve")

    ask(EMPLOYEE, "Ten office chairs", 2900, "The old ones are from 2009.")
    cancelled = ask(EMPLOYEE, "Coffee machine", 650, "The old one leaks.")
    with _acting_as(admin.email) as person:
        actions.cancel_workflow(cancelled, reason="Asked for twice.", by=person)


def _onboarding(admin: CustomUser) -> None:
    with _acting_as(MANAGER) as manager:
        # The value of a person field is an id as text.
        manager_id = str(manager.pk)

    def welcome(name: str, days: int, equipment: list[str]) -> TicketInstance:
        values = {"job_title": "Clerk", "department": "sales", "manager": manager_id}
        return _submit("New employee", HR, new_name=name, first_day=_day(days), equipment=equipment, **values)

    under_way = welcome("Noor Salem", 25, ["laptop", "phone"])
    _complete(under_way, "Have the contract signed", HR, contract_signed_on=_day(0))
    _complete(under_way, "Set up accounts", IT, login_name="nsalem")
    ready = welcome("Tomas Berg", 2, [])
    _complete(ready, "Have the contract signed", HR, contract_signed_on=_day(-10))
    _complete(ready, "Set up accounts", IT, login_name="tberg")
    _complete(ready, "Prepare the workplace", HR, desk="Main building, room 12")


def _expenses(admin: CustomUser) -> None:
    def claim(email: str, purpose: str, category: str, amount: float) -> TicketInstance:
        with _acting_as(email) as person:
            content = f"Receipt\n{purpose}: {amount:.2f}\n".encode()
            # The person who submits the ticket uploads the file, as in the form.
            receipt = upload_file(SimpleUploadedFile("receipt.txt", content, "text/plain"), by=person)
        receipts = [str(receipt.pk)]
        about = {"purpose": purpose, "category": category, "spent_on": _day(-4)}
        return _submit("Expense claim", email, file_ids=receipts, receipts=receipts, amount=amount, **about)

    paid = claim(EMPLOYEE, "Lunch with a client", "meals", 38.5)
    _complete(paid, "Check the receipts", FINANCE, check_result="ok")
    _complete(paid, "Pay", FINANCE, paid_on=_day(0), payment_reference="2041")

    to_correct = claim(DESIGNER, "Train to the fair", "travel", 129)
    _complete(
        to_correct,
        "Check the receipts",
        FINANCE,
        check_result="correct",
        finance_note="The receipt for the way back is missing.",
    )
    to_approve = claim(EMPLOYEE, "Hotel at the fair", "travel", 212.4)
    _complete(to_approve, "Check the receipts", FINANCE, check_result="ok")


def _content(admin: CustomUser) -> None:
    def write(email: str, headline: str, body: str) -> TicketInstance:
        return _submit("Content", email, headline=headline, channel="website", body=body)

    to_rework = write(EMPLOYEE, "We move", "From next month on you find us on the other side of the river.")
    _complete(to_rework, "Review as Legal", FINANCE, legal_verdict="ok")
    note = "Say where exactly, and from which day on."
    _complete(to_rework, "Review as editor", MANAGER, editors_verdict="change", editors_note=note)
    half_reviewed = write(HR, "Two new apprentices", "Noor and Tomas begin with us this month.")
    _complete(half_reviewed, "Review as editor", MANAGER, editors_verdict="ok")


def _at_the_desk(_admin: CustomUser) -> None:
    """Let IT enter what was said by phone, look after a ticket, and find one that was submitted twice."""
    first = _ask_it(FINANCE, "No network in room 12", "hardware", "By phone.", "urgent", entered_by=IT)
    twice = _ask_it(FINANCE, "Still no network", "hardware", "It is the whole room by now.")
    with _acting_as(IT) as person:
        set_responsible(first, to=person, by=person)
    with _acting_as(IT) as person:
        link_tickets(twice, first, kind=LinkKind.DUPLICATE, by=person)
    with _acting_as(IT) as person:
        actions.cancel_workflow(twice, reason=f"Duplicate of #{first.number}.", by=person)
