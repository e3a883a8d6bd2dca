"""Tests of the pages that create and change tickets, tasks and completions of a draft."""

import json
import re
from typing import Any

from django.urls import reverse

from users.models import CompanyRole
from users.tests.cases import logged_in
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.editor.draft_pages import NO_CONDITION, DraftPageTestCase, transform_data
from workflow_design.tests.files import without_roles

KINDS = (
    ("tickets", "ticket_definition", "Vacation request"),
    ("tasks", "task_definition", "Decide"),
    ("completions", "completion", "Booked"),
)


class Roundtrip(DraftPageTestCase):
    """Saving an unchanged form changes nothing."""

    def form_data(self, path: str) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        for field in self.client.get(path).context["form"]:
            value = field.value()
            if field.name == "condition":
                sent |= {
                    "condition-view": "json",
                    "condition-json": value.text,
                    "condition-original": value.original,
                }
            elif field.name.endswith("_transform"):
                sent |= transform_data(field.name, *((row.name, row.source, row.value) for row in value.rows))
            elif field.name == "sample_response":
                status, body = field.field.widget.decompress(value)
                sent |= {"sample_response_status": status, "sample_response_body": body}
            elif field.name == "ext_ref":
                sent |= {f"ext_ref_{key}": [row[key] for row in value] for key in ("Label", "Desc", "URI")}
            elif value is True:
                sent[field.name] = "on"
            elif value not in (None, False):
                sent[field.name] = field.field.prepare_value(value)
        return sent

    def test_changes_nothing(self) -> None:
        before = self.file()
        for members, name in (
            ("tickets", "ticket_definition"),
            ("tasks", "task_definition"),
            ("completions", "completion"),
        ):
            for content in getattr(before, members):
                part = self.part(members, content.title)
                path = reverse(f"{name}_edit", args=[part.pk])
                self.assert_saved(self.client.post(path, self.form_data(path)))
                self.assertEqual(self.file(), before, content.title)

    def test_of_the_workflow_too(self) -> None:
        before = self.file()
        path = self.address("workflow_definition_update")
        self.assert_saved(self.client.post(path, self.form_data(path)))
        self.assertEqual(self.file(), before)


class TicketForms(DraftPageTestCase):
    def role(self, name: str) -> int:
        with self.ours.scope():
            found: int = CompanyRole.objects.get(name=name).pk
        return found

    def test_a_new_one(self) -> None:
        response = self.post(
            self.address("ticket_definition_create"),
            title="Special leave",
            asks=["first_day", "days"],
            submitter_roles=[self.role("Employee")],
            ext_ref_Label=["Law", ""],
            ext_ref_Desc=["", ""],
            ext_ref_URI=["https://example.com/law", ""],
        )
        self.assertRedirects(response, self.address("workflow_components"))
        ticket = self.file().tickets[-1]
        self.assertEqual((ticket.title, ticket.fields), ("Special leave", ("days", "first_day")))
        self.assertEqual(ticket.submitter_roles, ("Employee",))
        self.assertEqual(ticket.ext_ref, ({"Label": "Law", "Desc": "", "URI": "https://example.com/law"},))

    def test_the_layout_follows_the_fields(self) -> None:
        part = self.part("tickets", "Vacation request")
        path = reverse("ticket_definition_edit", args=[part.pk])
        self.assert_saved(
            self.post(path, title="Vacation request", asks=["days", "employee_note", "manager_note"])
        )
        ticket = self.file().tickets[0]
        self.assertEqual(ticket.edit_layout, (["days"], "employee_note", "manager_note"))

    def test_all_problems_are_shown_beside_their_fields(self) -> None:
        response = self.post(
            self.address("ticket_definition_create"),
            title="vacation REQUEST",
            ext_ref_Label=["Law"],
            ext_ref_Desc=[""],
            ext_ref_URI=["javascript:alert(1)"],
        )
        self.assert_beside(
            response,
            title="appears twice in this list",
            asks="Pick at least one field.",
            ext_ref="Row 1: Use an address that starts with",
        )

    def test_foreign_roles_and_unknown_fields_are_refused(self) -> None:
        with self.theirs.scope():
            foreign = self.theirs.employee_role.pk
        for role in (foreign, "0", "x", "9" * 40):
            response = self.post(
                self.address("ticket_definition_create"), title="T", asks=["days"], submitter_roles=[role]
            )
            self.assert_beside(response, submitter_roles="not one of the available choices")
        response = self.post(self.address("ticket_definition_create"), title="T", asks=["nowhere"])
        self.assertIn("asks", response.context["form"].errors)

    def test_subject_and_priority_of_a_ticket(self) -> None:
        path = reverse("ticket_definition_edit", args=[self.part("tickets", "Vacation request").pk])
        page = self.client.get(path)
        self.assertContains(page, "Without a subject, tickets are called by “First day”:")
        self.assertContains(page, 'data-insert="days"')
        self.assertNotContains(page, 'data-insert="employee_note"')
        sent = {"title": "Vacation request", "asks": ["days", "first_day", "employee_note"]}
        preview = self.post(path, **sent, subject="{days} from {first_day}", _redisplay="subject:update")
        self.assertContains(preview, "<strong>1 from 1 July 2026</strong>")
        self.assertEqual(self.file().tickets[0].subject, "")
        refused = self.post(path, **sent, subject="{employee_note}", priority_field="decision")
        self.assert_beside(refused, subject="A subject can't show “employee_note”")
        self.assert_saved(self.post(path, **sent, subject=" {days} days ", priority_field="decision"))
        ticket = self.file().tickets[0]
        self.assertEqual((ticket.subject, ticket.priority_field), ("{days} days", "decision"))
        self.assert_saved(self.post(self.address("field_rename", "days"), name="length"))
        self.assertEqual(self.file().tickets[0].subject, "{length} days")
        self.assertContains(
            self.client.get(self.address("field_remove", "decision")), "Its priority is taken from it"
        )
        self.assert_saved(self.post(path, **sent | {"asks": ["length", "first_day"]}, subject=""))
        ticket = self.file().tickets[0]
        self.assertEqual((ticket.subject, ticket.priority_field), ("", None))


class TaskForms(DraftPageTestCase):
    def path(self, kind: str = "FORM") -> str:
        return f"{self.address('task_definition_create')}?kind={kind}"

    def test_a_new_one(self) -> None:
        response = self.post(
            self.path(),
            title="Tell the team",
            input_fields=["booked"],
            output_fields=["manager_note"],
            reset_fields=["manager_note"],
            assignee_field="$submitter",
            not_submitter="",
            needs_approval="on",
            **{"condition-view": "json", "condition-json": '{"var": "booked"}'},
        )
        self.assert_saved(response)
        task = self.file().tasks[-1]
        self.assertEqual((task.task_type, task.assignee_field), ("FORM", "$submitter"))
        self.assertEqual((task.not_submitter, task.needs_approval), (False, True))
        page = self.client.get(reverse("workflow_definition_detail", args=[self.draft.pk]))
        self.assertContains(page, "What a program answers, a person confirms first.")
        self.assertEqual((task.condition, task.reset_fields), ({"var": "booked"}, ("manager_note",)))

    def test_a_new_action(self) -> None:
        sent = {
            "title": "Tell the calendar",
            "input_fields": ["booked"],
            "output_fields": ["manager_note"],
            "action_url": "https://example.com/hook",
            "timeout_seconds": "20",
            "sample_response_status": "201",
            "sample_response_body": '{"note": "Done"}',
            **transform_data("input_transform", ("day", "field", "first_day"), ("by", "text", "{days} days")),
            **transform_data("output_transform", ("manager_note", "answer", "note")),
            **NO_CONDITION,
        }
        self.assert_saved(self.post(self.path("SYNC_ACTION"), **sent))
        task = self.file().tasks[-1]
        self.assertEqual((task.task_type, task.action_url), ("SYNC_ACTION", "https://example.com/hook"))
        text = {"cat": [{"var": "days"}, " days"]}
        sample = {"status": 201, "body": {"note": "Done"}}
        self.assertEqual(task.input_transform, {"day": {"var": "first_day"}, "by": text})
        self.assertEqual(task.output_transform, {"manager_note": {"var": "response.body.note"}})
        self.assertEqual((task.sample_response, task.timeout_seconds), (sample, 20))
        self.assertEqual((task.executor_roles, task.edit_layout), ((), ()))

    def test_all_problems_of_a_form_are_shown_beside_their_fields(self) -> None:
        response = self.post(
            self.path(),
            title="",
            reset_fields=["days"],
            **{"condition-view": "json", "condition-json": '{"method": [1]}'},
        )
        self.assert_beside(
            response,
            title="Please fill this in.",
            input_fields="Pick at least one field.",
            output_fields="Pick at least one field.",
            reset_fields="only those can be reset",
            condition="Unknown operator “method”",
        )

    def test_all_problems_of_an_action_are_shown_beside_their_fields(self) -> None:
        response = self.post(
            self.path("SYNC_ACTION"),
            title="Call",
            input_fields=["days"],
            output_fields=["booked"],
            action_url="ftp://example.com/x",
            timeout_seconds="1000",
            **transform_data("input_transform", ("x", "rule", '{"var": "nowhere"}'), ("y", "json", "{}")),
            **{"output_transform-view": "json", "output_transform-json": "{"},
            sample_response_body="[",
            **NO_CONDITION,
        )
        self.assert_beside(
            response,
            action_url="http",
            input_transform="Row 2: An object is a rule.",
            output_transform="This is not JSON",
            sample_response="Body: This is not JSON",
            timeout_seconds="between 1 and 300",
        )
        self.assertContains(response, 'value="1000"')

    def test_a_condition_that_never_holds(self) -> None:
        for rule, message in (
            (
                '{"and": [{"==": [{"var": "decision"}, "approve"]}, {"!": {"var": "decision"}}]}',
                "never holds",
            ),
            ('{"!=": [{"var": "decision"}, "Approved"]}', 'Did you mean "approve"?'),
        ):
            with self.subTest(rule):
                condition = {"condition-view": "json", "condition-json": rule}
                response = self.post(
                    self.path(), title="T", input_fields=["days"], output_fields=["booked"], **condition
                )
                self.assert_beside(response, condition=message)

    def test_fields_that_it_only_shows(self) -> None:
        path = reverse("task_definition_edit", args=[self.part("tasks", "Decide").pk])
        sent = {"title": "Decide", "input_fields": ["days"], "output_fields": ["decision"], **NO_CONDITION}
        self.assert_saved(self.post(path, **sent, shown_fields=["a", "first_day"]))
        self.assertEqual(self.file().tasks[0].shown_fields, ("first_day", "a"))
        page = self.client.get(reverse("task_definition_detail", args=[self.part("tasks", "Decide").pk]))
        self.assertEqual(page.context["shows"], [("first_day", "First day"), ("a", "A")])
        self.assert_beside(
            self.post(path, **sent, shown_fields=["days"]),
            shown_fields="starts this task, so its page shows it anyway",
        )

    def test_of_another_kind(self) -> None:
        part = self.part("tasks", "Book it")
        path = f"{reverse('task_definition_edit', args=[part.pk])}?kind=FORM"
        sent = {"title": "Book it", "input_fields": ["decision"], "output_fields": ["booked"], **NO_CONDITION}
        self.assert_saved(self.post(path, **sent))
        task = self.file().tasks[2]
        self.assertEqual((task.task_type, task.action_url, task.output_transform), ("FORM", "", None))

    def test_buttons_of_the_editors_store_nothing(self) -> None:
        before = self.file()
        response = self.post(self.path(), title="", _redisplay="condition:add", **{"condition-view": "rows"})
        self.assertEqual((response.status_code, response.context["form"].errors), (200, {}))
        self.assertEqual(self.file(), before)

    def test_an_edit_conflict_keeps_the_input(self) -> None:
        part = self.part("tasks", "Decide")
        path = reverse("task_definition_edit", args=[part.pk])
        sent = {"input_fields": ["days"], "output_fields": ["decision", "manager_note"], **NO_CONDITION}
        edition = self.client.get(path).context["form"].initial["edition"]
        self.assert_saved(self.client.post(path, {"edition": edition, "title": "First", **sent}))
        response = self.client.post(path, {"edition": edition, "title": "Second", **sent})
        self.assert_beside(response, __all__="you yourself changed this workflow")
        self.assertContains(response, 'value="Second"')
        for nonsense in ("", "x", "\x00", "9" * 1000):
            response = self.client.post(path, {"edition": nonsense, "title": "Third", **sent})
            self.assertEqual(response.status_code, 200)
        self.assertEqual(self.file().tasks[0].title, "First")


class ManyFields(DraftPageTestCase):
    """The form of a task in a workflow with many fields: it shows what is chosen, and folds the rest."""

    def setUp(self) -> None:
        super().setUp()
        schema = self.file().fields_schema
        more = {f"more_{number}": {"type": "string", "title": f"More {number}"} for number in range(40)}
        schema = {**schema, "properties": {**schema["properties"], **more}}
        self.assert_saved(self.post(self.address("workflow_schema"), schema=json.dumps(schema)))
        self.path = reverse("task_definition_edit", args=[self.part("tasks", "Decide").pk])

    def test_chosen_fields_come_first_and_the_others_are_folded(self) -> None:
        html = self.client.get(self.path).content.decode()
        picker = html[html.index('id="div_id_output_fields"') : html.index('id="div_id_input_fields"')]
        chosen, others = picker.split("<details", 1)
        self.assertEqual(re.findall(r'value="(\w+)" checked', chosen), ["decision", "manager_note"])
        self.assertEqual(chosen.count('type="checkbox"'), 2)
        self.assertEqual((others.count('type="checkbox"'), others.count(" checked")), (45, 0))
        self.assertIn("Add a field", others)
        self.assertLess(len(html), 100_000)

    def test_a_refused_form_shows_what_is_missing(self) -> None:
        response = self.post(self.path, title="Decide", output_fields=["decision"], **NO_CONDITION)
        self.assert_beside(response, input_fields="Pick at least one field.")
        html = response.content.decode()
        self.assertIn("<details open>", html[html.index('id="div_id_input_fields"') :])

    def test_when_it_is_due_and_what_the_clock_sets(self) -> None:
        sent = {"title": "Check", "output_fields": ["manager_note"], "input_fields": ["days"], **NO_CONDITION}
        path = self.address("task_definition_create")
        html = self.client.get(path).content.decode()
        self.assertIn("Due after (working hours)", html)
        offered = dict(self.client.get(path).context["form"].fields["overdue_field"].choices)
        # “Booked” is a yes/no that a task fills in.
        self.assertEqual(list(offered), ["", "+"])
        response = self.post(path, **sent, overdue_field="+")
        self.assert_beside(response, overdue_field="Say after how many hours it is due.")
        self.assert_beside(self.post(path, **sent, due_hours="0.3"), due_hours="a multiple of 0.25")
        self.assert_saved(self.post(path, **sent, due_hours="1.5", overdue_field="+"))
        task = self.file().tasks[-1]
        self.assertEqual((task.due_hours, task.overdue_field), (1.5, "overdue_check"))
        self.assertEqual(
            self.file().fields_schema["properties"]["overdue_check"],
            {"type": "boolean", "title": "Overdue: Check"},
        )
        edit = reverse("task_definition_edit", args=[self.part("tasks", "Check").pk])
        self.assertEqual(self.client.get(edit).context["form"]["overdue_field"].value(), "overdue_check")
        self.assert_saved(self.post(edit, **sent, due_hours="2", overdue_field=""))
        task = self.file().tasks[-1]
        self.assertEqual((task.due_hours, task.overdue_field), (2, None))
        offered = dict(self.client.get(edit).context["form"].fields["overdue_field"].choices)
        self.assertIn("overdue_check", offered)

    def test_who_does_it_comes_before_when_it_starts(self) -> None:
        html = self.client.get(self.path).content.decode()
        places = [html.index(f"<legend>{name}</legend>") for name in ("Who does it", "What it fills in")]
        self.assertLess(places[0], places[1])
        self.assertLess(places[1], html.index("<legend>When it starts</legend>"))

    def test_names_and_json_are_behind_one_menu(self) -> None:
        html = self.client.get(self.path).content.decode()
        menu = html[html.index("tf-more-menu") :].split("</details>", 1)[0]
        for name in ("workflow_schema", "workflow_components_upload"):
            self.assertEqual((html.count(self.address(name)), menu.count(self.address(name))), (1, 1))
        self.assertIn("Show the names of fields", menu)
        self.assertEqual(html.count("<code>"), 0)


class CompletionForms(DraftPageTestCase):
    def test_a_new_one(self) -> None:
        path = self.address("completion_create")
        self.assertContains(self.client.get(path), "The request pauses until a ticket admin resumes it.")
        sent = {"title": "Waits", "completion_status": "ON_HOLD", "reads": ["booked"], **NO_CONDITION}
        self.assert_saved(self.post(path, **sent))
        completion = self.file().completions[-1]
        self.assertEqual((completion.completion_status, completion.fields), ("ON_HOLD", ("booked",)))

    def test_all_problems_are_shown_beside_their_fields(self) -> None:
        response = self.post(
            self.address("completion_create"), completion_status="IN_PROGRESS", **NO_CONDITION
        )
        self.assert_beside(
            response,
            title="Please fill this in.",
            completion_status="not one of",
            reads="Pick at least one field.",
        )

    def test_a_company_without_roles_is_not_asked_for_any(self) -> None:
        with self.theirs.designer.scope():
            draft = import_workflow(without_roles(), by=self.theirs.designer)
            CompanyRole.objects.all().delete()
            self.assertEqual(export_workflow(draft).ticket_admin_roles, ())
        response = logged_in(self.theirs.designer).get(reverse("ticket_definition_create", args=[draft.pk]))
        self.assertNotContains(response, "Who may submit it")
