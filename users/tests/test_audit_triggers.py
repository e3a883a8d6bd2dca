"""Every change of an audited row adds an event, however it was made."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import NotSupportedError, ProgrammingError, connection, models, transaction
from django_scopes import scopes_disabled

from ticketflower.tenancy.context import PAGE, all_companies_scope, company_scope, one_act
from users.audit import audit_trigger
from users.models import (
    AuditEvent,
    Company,
    CompanyRole,
    CompanyRoleMembership,
    CustomUser,
    Invitation,
    SystemRoleMembership,
)
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, CompanyTestCase, People, logged_in

Made = tuple[str, int | None, int | None]

# Which columns of each audited model the log records. A new column needs a decision: list it here, or in
# `exclude` of the model's trigger if it is secret, internal or derived. The id and the company are columns of
# the event itself.
RECORDED = {
    "users.Company": "name time_zone currency language working_days day_begins day_ends "
    "holiday_region created_at",
    "users.CustomUser": "is_superuser email is_email_confirmed first_name last_name is_active is_staff "
    "time_zone away_from away_until stand_in is_in_rotation is_service_account date_joined "
    "password_changed_at",
    "users.SystemRoleMembership": "person group",
    "users.CompanyRole": "name description",
    "users.CompanyRoleMembership": "role person",
    "users.Invitation": "email system_roles created_by impersonator created_at expires_at accepted_at "
    "accepted_by withdrawn_at",
    "users.InvitationRole": "invitation role",
    "users.StaffVisit": "impersonator entered_at left_at",
    "workflow_design.WorkflowLine": "title",
    "workflow_design.WorkflowDefinition": "title description ext_ref version created_at created_by "
    "impersonator status fields_schema display_layout scenarios accepted published_at archived_at",
    "workflow_design.TicketDefinition": "title description ext_ref version created_at created_by "
    "impersonator position fields subject priority_field edit_layout display_layout",
    "workflow_design.TaskDefinition": "title description ext_ref version created_at created_by "
    "impersonator position task_type input_fields shown_fields output_fields reset_fields condition "
    "edit_layout display_layout action_url connection path action input_transform output_transform "
    "timeout_seconds sample_response due_hours overdue_field assignee_field not_submitter needs_approval",
    "workflow_design.WorkflowCompletion": "title description ext_ref version created_at created_by "
    "impersonator position completion_status fields condition display_layout",
    "workflow_design.Connection": "name kind base_address secrets_changed_at paused_at resumed_at created_at "
    "created_by impersonator",
    "workflow_design.SigningSecret": "changed_at",
    "workflow_design.TicketAdminRole": "role",
    "workflow_design.SubmitterRole": "role ticket_definition",
    "workflow_design.ExecutorRole": "role task_definition",
    "workflow_ops.TicketInstance": "number ticket_definition created_by entered_by "
    "responsible impersonator held_until resumes_by_itself created_at",
    "users.AccessToken": "person name scopes expires_at created_by",
    "workflow_ops.TicketLink": "kind other",
    "workflow_ops.WorkflowInstance": "status ended_at",
    "workflow_ops.WorkflowWrite": "source",
    "workflow_ops.TaskInstance": "run status assigned_to assigned_at created_at started_at completed_at "
    "completed_by impersonator due_at overdue_at prepared_by sent_back_times",
    "workflow_ops.TaskAllowedUser": "task person",
    "workflow_ops.TicketError": "task error_type reason error_message error_status resolution_notes "
    "created_at",
    "workflow_ops.Comment": "is_internal created_by impersonator created_at edited_at deleted_at",
    "workflow_ops.Webhook": "name address events secrets_changed_at state created_at created_by impersonator",
    "workflow_ops.FileUpload": "filename file_type size ticket uploaded_at uploaded_by impersonator",
}
# Rows that are never changed, or that follow from others, are their own record.
NOT_AUDITED = {
    "users.AuditEvent": "the log itself",
    "users.UnsentForm": "what one person typed and has not sent, for an hour",
    "users.Session": "holds secrets",
    "users.LimitedUse": "counts for a while",
    "users.TokenUse": "counts for a while",
    "workflow_design.DefinitionCheck": "derived from the version",
    "workflow_ops.ActionCall": "a log itself, kept for a while",
    "workflow_ops.BulkAction": "what it does to each row is recorded",
    "workflow_ops.BulkResult": "what it does to each row is recorded",
    "workflow_ops.CommentMention": "part of the text of a comment",
    "workflow_ops.CompletionInstance": "append-only",
    "workflow_ops.EventCursor": "how far a job has come",
    "workflow_ops.Notification": "made of the timeline",
    "workflow_ops.NotificationChoice": "how people want to be told",
    "workflow_ops.NotificationMail": "a log itself",
    "workflow_ops.IdempotentCall": "what a program did is recorded",
    "workflow_ops.FormerText": "goes with its comment when that is deleted",
    "workflow_ops.OpenTask": "copies of tasks, filled by triggers",
    "workflow_ops.ListFile": "derived from tickets and tasks",
    "workflow_ops.Report": "derived from tickets and tasks",
    "workflow_ops.SavedView": "how people look at lists",
    "workflow_ops.TaskHolder": "append-only, filled by triggers on tasks",
    "workflow_ops.TicketDocument": "made of other rows",
    "workflow_ops.TicketCounter": "the number of the newest ticket",
    "workflow_ops.TicketFollower": "what people want to be told",
    "workflow_ops.TicketFieldValue": "copies of the data of tickets",
    "workflow_ops.TimelineEvent": "append-only",
    "workflow_ops.WebhookDelivery": "a log itself, kept for a while",
    "workflow_ops.WorkflowData": "append-only",
}


class WhatIsRecorded(CompanyTestCase):
    """A decision for every model and every column."""

    def test_every_column(self) -> None:
        recorded, not_audited = {}, set()
        for model in apps.get_models():
            trigger = audit_trigger(model)
            if trigger is not None:
                recorded[model._meta.label] = {field.name for field in trigger.columns(model)}
            elif model._meta.app_label in {"users", "workflow_design", "workflow_ops"}:
                not_audited.add(model._meta.label)
        self.assertEqual(recorded, {label: set(names.split()) for label, names in RECORDED.items()})
        self.assertEqual(not_audited, set(NOT_AUDITED))

    def test_no_secret_is_recorded(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(password="md5$a$b", first_name="New")
            invitation = Invitation.objects.create(
                email="new@ours.example", nonce="a-secret-nonce", expires_at="2030-01-01T00:00Z"
            )
            Invitation.objects.filter(pk=invitation.pk).update(nonce="another-secret")
            everything = str(list(AuditEvent.objects.values()))
        for secret in ("md5$", "nonce", "another-secret"):
            self.assertNotIn(secret, everything)


class EventsOfChanges(CompanyTestCase):
    """The events that the triggers write, and their actors."""

    def made_by(self, model: type[models.Model], change: Callable[[], Any]) -> list[Made]:
        """Return the events that a change by our admin adds: operation, person, impersonator."""
        company, admin = self.ours.company.pk, self.ours.admin.pk
        return self._made(model, change, {"company_id": company, "person_id": admin})

    def _made(self, model: type[models.Model], change: Callable[[], Any], who: dict[str, Any]) -> list[Made]:
        with company_scope(**who):
            before = audit_events(model).count()
            change()
            events = audit_events(model)[before:]
            return [(event.operation, event.person_id, event.impersonator_id) for event in events]

    def newest(self, model: type[models.Model]) -> AuditEvent:
        """Return the newest event of the model in our company."""
        with self.ours.scope():
            return audit_events(model).latest("pk")

    def test_update_of_a_queryset(self) -> None:
        made = self.made_by(CustomUser, lambda: CustomUser.objects.update(first_name="New"))
        self.assertEqual(made, [("update", self.ours.admin.pk, None)] * 5)

    def test_bulk_create_and_delete(self) -> None:
        made = self.made_by(
            CompanyRole,
            lambda: CompanyRole.objects.bulk_create(CompanyRole(name=name) for name in ("A", "B")),
        )
        self.assertEqual(made, [("insert", self.ours.admin.pk, None)] * 2)
        made = self.made_by(CompanyRole, lambda: CompanyRole.objects.filter(name__in=["A", "B"]).delete())
        self.assertEqual(made, [("delete", self.ours.admin.pk, None)] * 2)

    def test_memberships(self) -> None:
        submitter, role = self.ours.submitter, self.ours.employee_role
        group = Group.objects.get(name="admin")
        for model, row in (
            (CompanyRoleMembership, CompanyRoleMembership(person=submitter, role=role)),
            (SystemRoleMembership, SystemRoleMembership(person=submitter, group=group)),
        ):
            row.company_id = self.ours.company.pk
            for change, operation in ((row.save, "insert"), (row.delete, "delete")):
                self.assertEqual(self.made_by(model, change), [(operation, self.ours.admin.pk, None)])

    def test_raw_sql(self) -> None:
        def change() -> None:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE users_company SET name = 'Ours and more'")

        self.assertEqual(self.made_by(Company, change), [("update", self.ours.admin.pk, None)])

    def test_what_changed(self) -> None:
        with self.ours.scope():
            role = CompanyRole.objects.create(name="HR")
            CompanyRole.objects.filter(pk=role.pk).update(name="People")
            CompanyRole.objects.filter(pk=role.pk).delete()
            inserted, updated, deleted = audit_events(CompanyRole).filter(row_id=role.pk)
        self.assertEqual(inserted.changes, {"name": "HR", "description": ""})
        self.assertEqual(updated.changes, {"name": ["HR", "People"]})
        self.assertEqual(deleted.changes, {"name": "People", "description": ""})
        self.assertEqual([event.label for event in (inserted, updated, deleted)], ["HR", "People", "People"])

    def test_new_row_without_what_is_empty(self) -> None:
        with self.ours.scope():
            Invitation.objects.create(
                email="new@ours.example", created_by=self.ours.admin, expires_at="2030-01-01T00:00Z"
            )
        changes = self.newest(Invitation).changes
        self.assertEqual(changes["created_by_id"], {"id": self.ours.admin.pk, "name": "Ada Admin"})
        self.assertEqual(set(changes), {"email", "system_roles", "created_by_id", "created_at", "expires_at"})

    def test_names_of_that_time(self) -> None:
        with company_scope(self.ours.company.pk, person_id=self.ours.admin.pk):
            CompanyRoleMembership.objects.create(person=self.ours.worker, role=self.ours.employee_role)
            CustomUser.objects.update(first_name="Renamed")
            CompanyRole.objects.update(name="Staff")
        event = self.newest(CompanyRoleMembership)
        self.assertEqual((event.actor, event.label, event.subject), ("Ada Admin", "Employee", "Wanda Tester"))
        self.assertEqual(event.changes["person_id"], {"id": self.ours.worker.pk, "name": "Wanda Tester"})

    def test_impersonator(self) -> None:
        who = {"company_id": self.ours.company.pk, "impersonator_id": self.staff.pk}
        made = self._made(CompanyRole, lambda: CompanyRole.objects.create(name="A"), who)
        self.assertEqual(made, [("insert", None, self.staff.pk)])
        self.assertEqual(self.newest(CompanyRole).actor, self.staff.email)

    def test_staff_over_all_companies(self) -> None:
        with all_companies_scope(impersonator_id=self.staff.pk):
            Company.objects.filter(pk=self.ours.company.pk).update(name="Renamed")
        event = self.newest(Company)
        self.assertEqual((event.person_id, event.impersonator_id), (None, self.staff.pk))

    def test_nobody(self) -> None:
        who = {"company_id": self.ours.company.pk}
        made = self._made(CompanyRole, lambda: CompanyRole.objects.create(name="A"), who)
        self.assertEqual(made, [("insert", None, None)])

    def test_same_value_is_no_change(self) -> None:
        self.assertEqual(self.made_by(CompanyRole, lambda: CompanyRole.objects.update(name="Employee")), [])

    def test_log_in_leaves_nothing(self) -> None:
        def log_in() -> None:
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(last_login="2026-01-01T00:00Z")

        self.assertEqual(self.made_by(CustomUser, log_in), [])

    def test_one_act_across_scopes(self) -> None:
        with one_act(PAGE):
            for name in ("A", "B"):
                with self.ours.scope():
                    CompanyRole.objects.create(name=name)
        with self.ours.scope():
            CompanyRole.objects.create(name="C")
            a, b, c = list(audit_events(CompanyRole))[-3:]
        self.assertEqual((a.act, a.way), (b.act, "page"))
        self.assertGreater(c.act, a.act)
        self.assertEqual(c.way, "job")

    def test_request_is_one_act_of_a_page(self) -> None:
        with self.ours.scope():
            before = AuditEvent.objects.latest("pk").pk
        group = Group.objects.get(name="admin")
        path = f"/users/people/{self.ours.worker.pk}/roles/"
        logged_in(self.ours.admin).post(path, {"system_roles": [group.name, "user"], "company_roles": []})
        with self.ours.scope():
            events = list(AuditEvent.objects.filter(pk__gt=before))
        self.assertGreater(len(events), 1)
        self.assertEqual({(event.way, event.act) for event in events}, {("page", events[0].act)})


class WallsOfTheLog(CommittedTestCase):
    """The access of the site's role, and of each company, to the log."""

    def test_site_can_neither_add_nor_change_nor_delete(self) -> None:
        for sql in (
            "INSERT INTO users_auditevent (id) VALUES (1)",
            "UPDATE users_auditevent SET person_id = 1",
            "DELETE FROM users_auditevent",
            "TRUNCATE users_auditevent",
        ):
            with (
                self.subTest(sql),
                self.assertRaisesMessage(ProgrammingError, "permission denied"),
                self.ours.scope(),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql)

    def test_site_cannot_call_the_triggers(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT proname FROM pg_proc WHERE starts_with(proname, 'pgtrigger_audit_')")
            functions = [name for (name,) in cursor.fetchall()]
        self.assertEqual(len(functions), len(RECORDED))
        for name in functions:
            with self.assertRaises(NotSupportedError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SELECT {name}()")

    def test_events_of_others_are_not_there_without_the_first_wall(self) -> None:
        with self.ours.scope(), scopes_disabled(), transaction.atomic():
            companies = set(AuditEvent.objects.values_list("company", flat=True))
        self.assertEqual(companies, {self.ours.company.pk})
        with self.ours.scope(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT company_id FROM users_auditevent")
            self.assertEqual(cursor.fetchall(), [(self.ours.company.pk,)])

    def test_events_are_there_at_all(self) -> None:
        for people in (self.ours, self.theirs):
            self.assertEqual(self.people_in_log(people), {person.pk for person in people.everybody})

    def people_in_log(self, people: People) -> set[int]:
        """Return the ids of the people whose events a company can read without the first wall."""
        with people.scope(), scopes_disabled(), transaction.atomic():
            return set(audit_events(CustomUser).values_list("row_id", flat=True))

    def test_nothing_without_a_scope(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM users_auditevent")
            self.assertEqual(cursor.fetchone(), (0,))

    def test_act_ends_with_its_transaction(self) -> None:
        with self.ours.scope(), transaction.atomic():
            CompanyRole.objects.create(name="A")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.act', true)")
            self.assertIn(cursor.fetchone(), [("",), (None,)])
