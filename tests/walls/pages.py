"""Every URL of the site with its users and data; a new URL without an entry fails the tests.

`test_every_page.py` requests each entry as a permitted user, as each user of another company, as a
colleague without permission, and as a visitor.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from users.models import CompanyRole, Invitation, Scope
from users.tests.cases import PASSWORD, People
from users.token_actions import make_service_account, make_token
from workflow_design.check.findings import Severity
from workflow_design.editor.drafts import current_edition
from workflow_design.models import ConnectionKind
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.reports import findings_in_company
from workflow_design.tests.files import SCENARIO, VACATION
from workflow_design.tests.page_cases import checked, make_active, make_draft
from workflow_ops.actions.conflicts import edition
from workflow_ops.actions.connections.actions import Content, create_connection
from workflow_ops.desk.bulk.running import start_bulk_action
from workflow_ops.desk.list_files.making import ask_for_file, make_next_part
from workflow_ops.files import upload_file
from workflow_ops.models import (
    ActionCall,
    BulkOperation,
    CallOutcome,
    Comment,
    DeliveryState,
    DeskList,
    Notification,
    NotificationKind,
    NotificationWay,
    SavedView,
    TaskInstance,
    TicketCounter,
    TicketError,
    TicketInstance,
    TicketLink,
    TimelineKind,
    WebhookDelivery,
)
from workflow_ops.notifications.recipients import DEFAULT_WAYS
from workflow_ops.notifications.webhooks.actions import create_webhook
from workflow_ops.reports.making import ask_for_report, compute_next_table
from workflow_ops.reports.statements import STATEMENTS
from workflow_ops.state_manager import WorkflowStateManager
from workflow_ops.tests.engine_cases import Engine, form, workflow
from workflow_ops.work.submissions import submit_ticket

Values = dict[str, Any]

_TICKET: Values = {"days": 5, "first_day": "2026-07-01"}


class World:
    """A company with a row of each kind that a URL can name."""

    def __init__(self, people: People) -> None:
        self.people = people
        with people.scope():
            self.role = CompanyRole.objects.create(name=f"Role of {people.company.name}")
            self.invitation = Invitation.objects.create(
                email=f"guest@{people.company.name.lower()}.example",
                nonce="nonce",
                expires_at=timezone.now() + timedelta(days=7),
                created_by=people.admin,
            )
            content = Content(
                "Calendar", ConnectionKind.HTTP, {"X-Key": "secret"}, base_address="https://calendar.example"
            )
            self.connection = create_connection(content, by=people.admin)
            self.webhook, _secret = create_webhook(
                name="Robot", address="https://robot.example/in", events=["ticket.submitted"], by=people.admin
            )
            self.delivery = WebhookDelivery.objects.create(
                webhook=self.webhook,
                key=uuid4(),
                event="ticket.submitted",
                content={"event": "ticket.submitted", "ticket": 1},
                state=DeliveryState.FAILED,
                next_try_at=timezone.now(),
                error="The system answered 500.",
                answer="down",
            )
            self.robot = make_service_account(name="Robot")
            self.token, _secret = make_token(
                people.admin,
                name="Backup",
                scopes=[Scope.READ],
                expires_at=timezone.now() + timedelta(days=30),
                by=people.admin,
            )
        self.workflow = make_active(people)
        self.draft = make_draft(people, scenarios=[SCENARIO])
        with people.scope():
            self.ticket_definition = self.workflow.tickets.get()
            self.task_definition = self.workflow.tasks.get(title="Decide")
            self.completion = self.workflow.completions.get(title="Booked")
            self.draft_ticket = self.draft.tickets.get()
            self.draft_task = self.draft.tasks.get(title="Decide")
            self.draft_completion = self.draft.completions.get(title="Booked")
        self._submit()
        self._call()
        person = people.ticket_admin
        with person.scope(), transaction.atomic():
            self.bulk_action = start_bulk_action(
                BulkOperation.RESUME, [self.ticket.pk], by=person, form_token=uuid4()
            )
            self.list_file = ask_for_file(
                DeskList.TICKETS, QueryDict(), order="-number", by=person, form_token=uuid4()
            )
        make_next_part(people.company.pk, self.list_file.pk)
        with people.admin.scope(), transaction.atomic():
            first_day = last_day = timezone.localdate()
            self.report = ask_for_report(
                line=self.workflow.line,
                first_day=first_day,
                last_day=last_day,
                by=people.admin,
                form_token=uuid4(),
            )
        for _table in STATEMENTS:
            compute_next_table(people.company.pk, self.report.pk)
        upload = SimpleUploadedFile("notes.txt", b"Notes", content_type="text/plain")
        with people.scope(), transaction.atomic():
            self.file = upload_file(upload, by=people.admin)
            other = self.action.workflow_instance.ticket
            self.comment = Comment.objects.create(ticket=self.ticket, text="Hello", created_by=people.admin)
            self.link = TicketLink.objects.create(kind="RELATES", ticket=self.ticket, other=other)
            self.notification = Notification.objects.create(
                person=people.worker,
                kind=NotificationKind.TAKEABLE,
                ticket=self.ticket,
                event=self.ticket.timeline.get(task=self.task, kind=TimelineKind.TASK_STARTED),
                way=NotificationWay.SITE,
            )

    def _submit(self) -> None:
        """Create a ticket with an unassigned task and an error, numbered differently in each company."""
        person = self.people.admin
        with person.scope():
            with transaction.atomic():
                TicketCounter.objects.create(last_number=1000 * self.people.company.pk)
                ticket = submit_ticket(self.ticket_definition, values=_TICKET, form_token=uuid4(), by=person)
            WorkflowStateManager(ticket.workflow_instance_id).apply_waiting()
            with transaction.atomic():
                self.ticket = TicketInstance.objects.get(pk=ticket.pk)
                self.task = TaskInstance.objects.get(workflow_instance=ticket.workflow_instance_id)
                self.error = TicketError.objects.get(ticket=ticket)
                self.view = SavedView.objects.create(desk_list=DeskList.TICKETS, name="Saved", owner=person)

    def _call(self) -> None:
        """Create a ticket whose action was called and failed, in a workflow that HR administers, too."""
        action = form("Ask", "a", "out", task_type="ASYNC_ACTION", action_url="https://example.com/hook")
        engine = Engine(self.people, lambda function: function())
        made = engine.load(replace(workflow(action), ticket_admin_roles=("HR",)))
        ticket = engine.submit(made, a="x")
        with self.people.scope():
            WorkflowStateManager(ticket.workflow_instance_id).apply_waiting()
        self.action = engine.task(ticket, "Ask")
        with self.people.scope(), transaction.atomic():
            self.call = ActionCall.objects.create(
                task=self.action,
                outcome=CallOutcome.FAILED,
                status=500,
                request={"url": self.action.task_definition.action_url, "body": '{"a": "x"}'},
                response={"body": "down"},
                error="The system answered 500.",
                started_at=timezone.now(),
                finished_at=timezone.now(),
            )


def _bulk_action_id(world: World) -> Values:
    return {"bulk_id": world.bulk_action.pk}


def _list_file_id(world: World) -> Values:
    return {"file_id": world.list_file.pk}


def _token(world: World) -> Values:
    return {"token": str(uuid4())}


def _report_id(world: World) -> Values:
    return {"report_id": world.report.pk}


def _report_table(world: World) -> Values:
    return {"report_id": world.report.pk, "table": "flow"}


def _report(world: World) -> Values:
    return {"workflow": "", "period": "last-month", "token": str(uuid4())}


def _bulk(world: World) -> Values:
    """Return a form whose rows are outdated, so that it is shown again."""
    return {"reason": "Stocktaking", "token": str(uuid4()), "seen": "0" * 16}


def nothing(world: World) -> Values:
    """Return no values."""
    return {}


@dataclass(frozen=True)
class Page:
    """A URL, given by its name.

    - `kwargs` are the values in the URL, taken from a company's world; for another company, they
      are a 404.
    - `person` may use the page: an attribute of People, "staff", or None for everyone, logged in or
      not.
    - `data` is valid POST data, or None if the page does not accept POST.
    - `get` tells whether the page accepts GET.
    - `others_may` marks pages that every colleague may use.
    - `search` are the parameters into which users type text.
    - `is_everybodys` marks values that belong to no company.
    """

    name: str
    person: str | None = "admin"
    kwargs: Callable[[World], Values] = nothing
    data: Callable[[World], Values] | None = None
    get: bool = True
    others_may: bool = False
    search: tuple[str, ...] = field(default_factory=tuple)
    is_everybodys: bool = False


def _person_id(world: World) -> Values:
    return {"person_id": world.people.submitter.pk}


def _token_id(world: World) -> Values:
    return {"token_id": world.token.pk}


def _robot_id(world: World) -> Values:
    return {"person_id": world.robot.pk}


def _new_token(world: World) -> Values:
    return {"name": "Program", "scopes": ["read"], "days": "30", "old_password": PASSWORD}


def _new_robot(world: World) -> Values:
    return {"first_name": "Second robot"}


def _role_id(world: World) -> Values:
    return {"role_id": world.role.pk}


def _invitation_id(world: World) -> Values:
    return {"invitation_id": world.invitation.pk}


def _company_id(world: World) -> Values:
    return {"company_id": world.people.company.pk}


def _wrong_name(world: World) -> Values:
    return {"name": "not the name of the company"}


def no_token(world: World) -> Values:
    """Return a link that was never sent."""
    return {"token": "nonsense"}


def _new_role(world: World) -> Values:
    return {"name": "Finance", "description": "Pays"}


def _connection_id(world: World) -> Values:
    return {"connection_id": world.connection.pk}


def _new_connection(world: World) -> Values:
    rows = {"header_0": "Authorization", "secret.header_0": "Bearer token"}
    return {"name": "Directory", "base_address": "https://directory.example", **rows, "signing": "none"}


def _new_chat(world: World) -> Values:
    return {"name": "Team", "kind": "SLACK", "secret.address": "https://chat.example/hooks/1"}


def _connection_form(world: World) -> Values:
    return {**_new_connection(world), "edition": edition(world.connection)}


def _webhook_id(world: World) -> Values:
    return {"webhook_id": world.webhook.pk}


def _delivery_id(world: World) -> Values:
    return {"webhook_id": world.webhook.pk, "delivery_id": world.delivery.pk}


def _new_webhook(world: World) -> Values:
    return {"name": "Reader", "address": "https://reader.example/in", "events": ["task.started"]}


def _webhook_form(world: World) -> Values:
    return {**_new_webhook(world), "edition": edition(world.webhook)}


def _sign_up(world: World) -> Values:
    person = {"first_name": "Berta", "last_name": "Berg", "email": "berta@bakery.example"}
    return {
        "company_name": "Bakery",
        **person,
        "password1": "a-quiet-oven-42",
        "password2": "a-quiet-oven-42",
    }


def _log_in(world: World) -> Values:
    return {"username": world.people.submitter.email, "password": "wrong", "next": "/tickets/"}


def _address(world: World) -> Values:
    return {"email": world.people.submitter.email}


def _profile(world: World) -> Values:
    return {"first_name": "Zoë", "last_name": "O'Hara", "time_zone": "Asia/Kolkata"}


def _new_address(world: World) -> Values:
    return {"email": "new@somewhere.example", "old_password": PASSWORD}


def _absence(world: World) -> Values:
    return {"away_from": "2026-07-01", "away_until": "2026-07-14", "stand_in": world.people.worker.pk}


def _same_password(world: World) -> Values:
    """Return a change that is refused, as it would end the session."""
    return {"old_password": PASSWORD, "password1": PASSWORD, "password2": "another"}


def _theme(world: World) -> Values:
    return {"theme": "dark", "next": "/tickets/"}


def _members(world: World) -> Values:
    return {"people": [world.people.worker.pk]}


def _company(world: World) -> Values:
    return {
        "name": "A new name",
        "language": "de",
        "time_zone": "Europe/Berlin",
        "currency": "CHF",
        "working_days": ["0", "4"],
        "day_begins": "09:00",
        "day_ends": "17:00",
        "country": "DE",
        "holiday_region": "DE-BY",
    }


def _invitation(world: World) -> Values:
    return {"email": "new@somewhere.example", "system_roles": ["user"], "company_roles": [world.role.pk]}


def _roles_of_person(world: World) -> Values:
    return {"system_roles": ["user"], "company_roles": [world.role.pk]}


def _workflow_id(world: World) -> Values:
    return {"workflow_id": world.workflow.pk}


def _draft_id(world: World) -> Values:
    return {"workflow_id": world.draft.pk}


def _draft_finding(world: World) -> Values:
    with world.people.scope(), transaction.atomic():
        findings = findings_in_company(export_workflow(world.draft))
    hint = next(each for each in findings if each.severity == Severity.HINT)
    return {"workflow_id": world.draft.pk, "digest": hint.digest}


def _reason_to_accept(world: World) -> Values:
    return {"reason": "They start next month."}


def _draft_accepted(world: World) -> Values:
    return {"workflow_id": world.draft.pk, "key": "0123456789ab"}


def _two_versions(world: World) -> Values:
    return {"workflow_id": world.workflow.pk, "other_id": world.draft.pk}


def _as_checked(world: World) -> Values:
    return {"has_read": "on", "seen": checked(world.people, world.draft).digest}


def _template_name(world: World) -> Values:
    return {"name": "expense_claim"}


def _use_of_template(world: World) -> Values:
    return {"title": "Our claims", **{f"role_{number}": "-" for number in range(3)}}


def _task_definition_id(world: World) -> Values:
    return {"part_id": world.task_definition.pk}


def _ticket_definition_id(world: World) -> Values:
    return {"part_id": world.ticket_definition.pk}


def _completion_id(world: World) -> Values:
    return {"part_id": world.completion.pk}


def _draft_field(world: World) -> Values:
    return {"workflow_id": world.draft.pk, "name": "manager_note"}


def _draft_ticket_id(world: World) -> Values:
    return {"part_id": world.draft_ticket.pk}


def _draft_task_id(world: World) -> Values:
    return {"part_id": world.draft_task.pk}


def _awaited_answer(world: World) -> Values:
    return {"field": "days", "seen": world.draft_task.updated_at.isoformat()}


def _ticket_layout(world: World) -> Values:
    return {**_draft_ticket_id(world), "which": "form"}


def _task_layout(world: World) -> Values:
    return {**_draft_task_id(world), "which": "form"}


def _completion_layout(world: World) -> Values:
    return {**_draft_completion_id(world), "which": "reading"}


def _default_layout(world: World) -> Values:
    return {"layout-view": "json", "layout-json": "[]", **_edition(world)}


def _draft_completion_id(world: World) -> Values:
    return {"part_id": world.draft_completion.pk}


def _edition(world: World) -> Values:
    """Return the hidden value in every form of a draft."""
    return {"edition": current_edition(world.draft)}


def _title(world: World) -> Values:
    return {"title": "A new title", **_edition(world)}


def _field_of_no_kind(world: World) -> Values:
    return {"title": "Reason"}


def _new_name(world: World) -> Values:
    return {"name": "remark", **_edition(world)}


def _draft_scenario(world: World) -> Values:
    return {"workflow_id": world.draft.pk, "number": 1}


def _new_scenario(world: World) -> Values:
    return {"title": "Another case", "moves": json.dumps(SCENARIO["moves"][:1]), **_edition(world)}


def _scenario_title(world: World) -> Values:
    return {"title": "Another case", "current": SCENARIO["title"], **_edition(world)}


def _this_scenario(world: World) -> Values:
    return {"current": SCENARIO["title"]}


def _ticket_scenario(world: World) -> Values:
    return {"title": "As it was"}


def _upwards(world: World) -> Values:
    return {"to": "up"}


def _schema(world: World) -> Values:
    return {"schema": json.dumps(VACATION["fields_schema"]), **_edition(world)}


def _whole(world: World) -> Values:
    return {"text": json.dumps(VACATION), **_edition(world)}


def _ticket_form(world: World) -> Values:
    return {**_title(world), "asks": ["days"]}


def _task_form(world: World) -> Values:
    return {
        **_title(world),
        "input_fields": ["days"],
        "output_fields": ["decision"],
        "condition-view": "json",
        "condition-json": "",
    }


def _completion_form(world: World) -> Values:
    more = {"completion_status": "COMPLETED", "condition-view": "json", "condition-json": ""}
    return {**_title(world), "reads": ["booked"], **more}


def _workflow_text(world: World) -> Values:
    return {"text": json.dumps({**VACATION, "title": "Another vacation"})}


def _kind_of_ticket(world: World) -> Values:
    return {"ticket_definition_id": world.ticket_definition.pk}


def _file_id(world: World) -> Values:
    return {"file_id": world.file.pk}


def _ticket(world: World) -> Values:
    return {**_TICKET, "_form_token": str(uuid4())}


def _comment_id(world: World) -> Values:
    return {"number": world.ticket.number, "comment_id": world.comment.pk}


def _comment(world: World) -> Values:
    return {"text": "How is it going?"}


def _ticket_number(world: World) -> Values:
    return {"number": world.ticket.number}


def _step(world: World) -> Values:
    return {"number": world.ticket.number, "step": 1}


def _why(world: World) -> Values:
    return {**_step(world), "kind": "task", "key": world.task.task_definition_id}


def _link_id(world: World) -> Values:
    return {"number": world.ticket.number, "link_id": world.link.pk}


def _duplicate(world: World) -> Values:
    return {"kind": "DUPLICATE", "other": str(world.ticket.number)}


def _task_id(world: World) -> Values:
    return {"task_id": world.task.pk}


def _action_id(world: World) -> Values:
    return {"task_id": world.action.pk}


def _answer(world: World) -> Values:
    return {"out": "an answer", "_input_version": "1"}


def _call_id(world: World) -> Values:
    return {"call_id": world.call.pk}


def _error_id(world: World) -> Values:
    return {"error_id": world.error.pk}


def _edited(world: World) -> Values:
    return {**_TICKET, "days": 6, "_step": 1}


def _reason(world: World) -> Values:
    return {"reason": "Not needed"}


def _notes(world: World) -> Values:
    return {"notes": "Seen"}


def _nobody(world: World) -> Values:
    return {"person": ""}


def _tickets_list(world: World) -> Values:
    return {"desk_list": "tickets"}


def _view(world: World) -> Values:
    return {"name": "Mine"}


def _columns(world: World) -> Values:
    return {"columns": ["status"]}


def _view_id(world: World) -> Values:
    return {"view_id": world.view.pk}


def _notification_id(world: World) -> Values:
    return {"notification_id": world.notification.pk}


def _newest(world: World) -> Values:
    return {"newest": str(world.notification.pk)}


def _ways(world: World) -> Values:
    return {kind.value: way.value for kind, way in DEFAULT_WAYS.items()}


def _shortcuts_off(world: World) -> Values:
    return {"shortcuts": "off"}


ENTRIES = (
    # Everyone
    Page("home", person=None),
    Page("favicon", person=None),
    Page("company_signup", person=None, data=_sign_up),
    Page("login", person=None, data=_log_in),
    Page("password_reset", person=None, data=_address),
    Page("theme_set", person=None, data=_theme, get=False),
    Page("shortcuts", person="submitter", others_may=True),
    Page("shortcuts_set", person=None, data=_shortcuts_off, get=False),
    Page("health", person=None),
    Page("health_ready", person=None),
    Page("logout", person="submitter", data=nothing, others_may=True),
    Page("user_dashboard", person="submitter", others_may=True),
    Page("search", person="submitter", others_may=True, search=("q",)),
    Page("user_profile", person="submitter", data=_profile, others_may=True),
    Page("password_change", person="submitter", data=_same_password, others_may=True),
    # Links that work without a log-in
    Page("password_reset_confirm", person=None, kwargs=no_token, data=nothing),
    Page("invitation_accept", person=None, kwargs=no_token, data=nothing),
    Page("email_confirm", person=None, kwargs=no_token, data=nothing),
    Page("action_callback", person=None, kwargs=no_token, data=nothing, get=False),
    Page("confirmation_send", person="submitter", data=nothing, get=False, others_may=True),
    # Authors of workflow files
    Page("workflow_format", person=None),
    # Company admins
    Page("people_list", search=("q",)),
    Page("person_detail", kwargs=_person_id),
    Page("person_roles", kwargs=_person_id, data=_roles_of_person),
    Page("person_email", kwargs=_person_id, data=_new_address),
    Page("own_email", person="submitter", data=_new_address, others_may=True),
    Page("email_change_confirm", person=None, kwargs=no_token, data=nothing),
    Page("person_absence", kwargs=_person_id, data=_absence),
    Page("own_absence", person="submitter", data=_absence, others_may=True),
    Page("person_deactivate", kwargs=_person_id, data=nothing),
    Page("person_reactivate", kwargs=_person_id, data=nothing, get=False),
    Page("invitation_create", data=_invitation),
    Page("invitation_list", search=("q",)),
    Page("invitation_link", kwargs=_invitation_id),
    Page("invitation_resend", kwargs=_invitation_id, data=nothing, get=False),
    Page("invitation_withdraw", kwargs=_invitation_id, data=nothing),
    Page("role_list", search=("q",)),
    Page("role_create", data=_new_role),
    Page("role_edit", kwargs=_role_id, data=_new_role),
    Page("role_give", kwargs=_role_id, data=_members, get=False),
    Page("role_take", kwargs=_role_id, data=_members, get=False),
    Page("role_delete", kwargs=_role_id, data=nothing),
    Page("connection_list"),
    Page("connection_create", data=_new_connection),
    Page("chat_create", data=_new_chat),
    Page("connection_detail", kwargs=_connection_id),
    Page("connection_edit", kwargs=_connection_id, data=_connection_form),
    Page("connection_delete", kwargs=_connection_id, data=nothing),
    Page("connection_test", kwargs=_connection_id, data=nothing, get=False),
    Page("signing_secret_renew", data=nothing),
    Page("manage_connection_resume", kwargs=_connection_id, data=nothing, get=False),
    Page("webhook_list"),
    Page("webhook_create", data=_new_webhook),
    Page("webhook_detail", kwargs=_webhook_id),
    Page("webhook_edit", kwargs=_webhook_id, data=_webhook_form),
    Page("webhook_secret_renew", kwargs=_webhook_id, data=nothing),
    Page("webhook_pause", kwargs=_webhook_id, data=nothing, get=False),
    Page("webhook_resume", kwargs=_webhook_id, data=nothing, get=False),
    Page("webhook_test", kwargs=_webhook_id, data=nothing, get=False),
    Page("webhook_delete", kwargs=_webhook_id, data=nothing),
    Page("webhook_delivery", kwargs=_delivery_id),
    Page("webhook_delivery_again", kwargs=_delivery_id, data=nothing, get=False),
    Page("token_list", person="submitter", others_may=True, search=("q",)),
    Page("token_create", person="submitter", data=_new_token, others_may=True),
    Page("token_delete", kwargs=_token_id, data=nothing),
    Page("company_token_list", search=("q",)),
    Page("service_account_list", search=("q",)),
    Page("service_account_create", data=_new_robot),
    Page("service_token_create", kwargs=_robot_id, data=_new_token),
    Page("company_settings", data=_company),
    Page("audit_log", search=("q",)),
    Page("audit_download", search=("q",)),
    # Workflow creators
    Page("workflow_definitions_list", person="designer", search=("q",)),
    Page("task_definitions_list", person="designer", search=("q",)),
    Page("ticket_definitions_list", person="designer", search=("q",)),
    Page("workflow_definition_detail", person="designer", kwargs=_workflow_id),
    Page("workflow_definition_download", person="designer", kwargs=_workflow_id),
    Page("task_definition_detail", person="designer", kwargs=_task_definition_id),
    Page("ticket_definition_detail", person="designer", kwargs=_ticket_definition_id),
    Page("completion_detail", person="designer", kwargs=_completion_id),
    Page("gallery", person="designer", search=("q",)),
    Page("gallery_template", person="designer", kwargs=_template_name, is_everybodys=True),
    Page(
        "gallery_use",
        person="designer",
        kwargs=_template_name,
        data=_use_of_template,
        is_everybodys=True,
    ),
    Page("workflow_definition_upload", person="designer", data=_workflow_text),
    Page("workflow_definition_check", person="designer", kwargs=_draft_id, data=nothing, get=False),
    Page("workflow_definition_publish", person="designer", kwargs=_draft_id, data=_as_checked),
    Page("workflow_definition_archive", person="designer", kwargs=_workflow_id, data=nothing),
    Page("workflow_definition_tryout", person="designer", kwargs=_workflow_id, data=nothing),
    Page("workflow_version_create", person="designer", kwargs=_workflow_id, data=nothing, get=False),
    Page("workflow_draft_discard", person="designer", kwargs=_draft_id, data=nothing),
    Page("workflow_difference", person="designer", kwargs=_two_versions),
    Page("workflow_difference_choose", person="designer", kwargs=_workflow_id),
    Page("workflow_replay", person="designer", kwargs=_draft_id),
    Page("workflow_versions", person="designer", kwargs=_workflow_id),
    Page("workflow_create", person="designer", data=_title),
    Page("workflow_definition_update", person="designer", kwargs=_draft_id, data=_title),
    Page("finding_accept", person="designer", kwargs=_draft_finding, data=_reason_to_accept),
    Page("acceptance_undo", person="designer", kwargs=_draft_accepted, data=nothing, get=False),
    Page("workflow_fields", person="designer", kwargs=_draft_id),
    Page("workflow_schema", person="designer", kwargs=_draft_id, data=_schema),
    Page("field_create", person="designer", kwargs=_draft_id, data=_field_of_no_kind),
    Page("field_edit", person="designer", kwargs=_draft_field, data=_title),
    Page("field_rename", person="designer", kwargs=_draft_field, data=_new_name),
    Page("field_remove", person="designer", kwargs=_draft_field, data=nothing),
    Page("field_move", person="designer", kwargs=_draft_field, data=_upwards, get=False),
    Page("workflow_scenarios", person="designer", kwargs=_draft_id),
    Page("scenario_detail", person="designer", kwargs=_draft_scenario),
    Page("scenario_create", person="designer", kwargs=_draft_id, data=_new_scenario),
    Page("scenario_rename", person="designer", kwargs=_draft_scenario, data=_scenario_title),
    Page("scenario_delete", person="designer", kwargs=_draft_scenario, data=_this_scenario),
    Page("workflow_components", person="designer", kwargs=_draft_id),
    Page("workflow_components_upload", person="designer", kwargs=_draft_id, data=_whole),
    Page("ticket_definition_create", person="designer", kwargs=_draft_id, data=_ticket_form),
    Page("ticket_definition_edit", person="designer", kwargs=_draft_ticket_id, data=_ticket_form),
    Page("ticket_definition_duplicate", person="designer", kwargs=_draft_ticket_id, data=nothing, get=False),
    Page("ticket_definition_move", person="designer", kwargs=_draft_ticket_id, data=_upwards, get=False),
    Page("ticket_definition_delete", person="designer", kwargs=_draft_ticket_id, data=nothing),
    Page("task_definition_create", person="designer", kwargs=_draft_id, data=_task_form),
    Page("task_definition_edit", person="designer", kwargs=_draft_task_id, data=_task_form),
    Page("task_definition_duplicate", person="designer", kwargs=_draft_task_id, data=nothing, get=False),
    Page("task_definition_move", person="designer", kwargs=_draft_task_id, data=_upwards, get=False),
    Page("task_require_answer", person="designer", kwargs=_draft_task_id, data=_awaited_answer, get=False),
    Page("task_keep_sample", person="designer", kwargs=_draft_task_id, data=nothing, get=False),
    Page("task_definition_delete", person="designer", kwargs=_draft_task_id, data=nothing),
    Page("completion_create", person="designer", kwargs=_draft_id, data=_completion_form),
    Page("completion_edit", person="designer", kwargs=_draft_completion_id, data=_completion_form),
    Page("completion_duplicate", person="designer", kwargs=_draft_completion_id, data=nothing, get=False),
    Page("completion_move", person="designer", kwargs=_draft_completion_id, data=_upwards, get=False),
    Page("completion_delete", person="designer", kwargs=_draft_completion_id, data=nothing),
    Page("ticket_definition_layout", person="designer", kwargs=_ticket_layout, data=_default_layout),
    Page("task_definition_layout", person="designer", kwargs=_task_layout, data=_default_layout),
    Page("completion_layout", person="designer", kwargs=_completion_layout, data=_default_layout),
    Page("workflow_definition_layout", person="designer", kwargs=_draft_id, data=_default_layout),
    # Submitters and workers
    Page("ticket_list", person="submitter", others_may=True, search=("q",)),
    Page("ticket_catalogue", person="submitter", others_may=True, search=("q",)),
    Page("ticket_create", kwargs=_kind_of_ticket, data=_ticket),
    Page("ticket_detail", kwargs=_ticket_number),
    Page("ticket_picture", kwargs=_ticket_number),
    Page("ticket_comment", kwargs=_ticket_number, data=_comment, get=False),
    Page("task_comment", kwargs=_task_id, data=_comment, get=False),
    Page("comment_edit", kwargs=_comment_id, data=_comment),
    Page("comment_delete", kwargs=_comment_id, data=nothing),
    Page("ticket_follow", kwargs=_ticket_number, data=nothing, get=False),
    Page("ticket_unfollow", kwargs=_ticket_number, data=nothing, get=False),
    Page("ticket_correct", kwargs=_ticket_number, data=_edited),
    Page("ticket_again", kwargs=_ticket_number),
    Page("ticket_withdraw", kwargs=_ticket_number, data=_reason),
    Page("task_list", person="worker", others_may=True, search=("q",)),
    Page("task_detail", kwargs=_task_id, data=nothing),
    Page("task_take", kwargs=_task_id, data=nothing, get=False),
    Page("task_give_back", kwargs=_task_id, data=nothing),
    Page("task_send_back", kwargs=_task_id, data=nothing),
    Page("file_download", kwargs=_file_id),
    Page("notification_list", person="worker", others_may=True),
    Page("notification_bell", person=None),
    Page("notification_open", person="worker", kwargs=_notification_id, data=nothing, get=False),
    Page("notifications_unsubscribe", person=None, kwargs=no_token, data=nothing),
    Page("notifications_read", person="worker", data=_newest, get=False, others_may=True),
    Page("own_notifications", person="worker", data=_ways, others_may=True),
    # Ticket admins
    Page("manage_tickets", person="ticket_admin", search=("q",)),
    Page("manage_tickets_csv", person="ticket_admin", search=("q",)),
    Page("manage_tasks_csv", person="ticket_admin", search=("q",)),
    Page("manage_errors_csv", person="ticket_admin", search=("q",)),
    Page("saved_view_create", person="ticket_admin", kwargs=_tickets_list, data=_view, is_everybodys=True),
    Page(
        "list_columns",
        person="ticket_admin",
        kwargs=_tickets_list,
        data=_columns,
        get=False,
        is_everybodys=True,
    ),
    Page("saved_view_edit", kwargs=_view_id, data=_view),
    Page("saved_view_delete", kwargs=_view_id, data=nothing),
    Page("manage_ticket", kwargs=_ticket_number),
    Page("manage_ticket_edit", kwargs=_ticket_number, data=_edited),
    Page("manage_ticket_scenario", kwargs=_ticket_number, data=_ticket_scenario),
    Page("manage_ticket_responsible", kwargs=_ticket_number, data=_nobody),
    Page("manage_ticket_link", kwargs=_ticket_number, data=_duplicate),
    Page("manage_ticket_unlink", kwargs=_link_id, data=nothing, get=False),
    Page("manage_ticket_comment", kwargs=_ticket_number, data=_comment, get=False),
    Page("manage_ticket_hold", kwargs=_ticket_number, data=_reason),
    Page("manage_ticket_resume", kwargs=_ticket_number, data=nothing),
    Page("manage_ticket_cancel", kwargs=_ticket_number, data=_reason),
    Page("manage_ticket_history", kwargs=_ticket_number),
    Page("manage_ticket_step", kwargs=_step),
    Page("manage_ticket_why", kwargs=_why),
    Page("manage_tasks", person="ticket_admin", search=("q",)),
    Page("manage_tickets_bulk", person="ticket_admin", data=_bulk),
    Page("manage_tasks_bulk", person="ticket_admin", data=_bulk),
    Page("manage_errors_bulk", person="ticket_admin", data=_bulk),
    Page("manage_bulk_actions", person="ticket_admin", others_may=True),
    Page("manage_bulk_action", person="ticket_admin", kwargs=_bulk_action_id),
    Page("list_file_create", person="ticket_admin", kwargs=_tickets_list, data=_token, is_everybodys=True),
    Page("list_files", person="ticket_admin", others_may=True),
    Page("list_file_download", person="ticket_admin", kwargs=_list_file_id),
    Page("report_list", person="ticket_admin"),
    Page("report_create", person="ticket_admin", data=_report),
    Page("report_detail", kwargs=_report_id),
    Page("report_csv", kwargs=_report_table),
    Page("manage_task", kwargs=_task_id),
    Page("manage_task_assign", kwargs=_task_id, data=_nobody),
    Page("manage_task_restrict", kwargs=_task_id, data=_members),
    Page("manage_task_cancel", kwargs=_task_id, data=_reason),
    Page("manage_task_retry", kwargs=_action_id, data=nothing, get=False),
    Page("manage_task_fill_in", kwargs=_action_id, data=_answer),
    Page("manage_calls", person="ticket_admin", search=("q",)),
    Page("manage_call", kwargs=_call_id),
    Page("manage_errors", person="ticket_admin", search=("q",)),
    Page("manage_error", kwargs=_error_id),
    Page("manage_error_retry", kwargs=_error_id, data=nothing, get=False),
    Page("manage_error_review", kwargs=_error_id, data=_notes, get=False),
    Page("manage_error_resolve", kwargs=_error_id, data=_notes, get=False),
    # Staff
    Page("company_list", person="staff", search=("q",)),
    Page("company_enter", person="staff", kwargs=_company_id, data=nothing, get=False),
    Page("company_delete", person="staff", kwargs=_company_id, data=_wrong_name),
    Page("company_leave", person="staff", data=nothing, get=False),
    Page("style_page", person="staff"),
)
PAGES = {page.name: page for page in ENTRIES}

# Django admin and its neighbours: staff only, tested in users/tests/test_staff_admin.py.
ELSEWHERE = ("admin:", "api")
