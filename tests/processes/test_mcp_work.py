"""What people and programs do with the MCP server's tools, by the official client over both transports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.processes.fixing import apply_fix, broken_files
from tests.processes.mcp_cases import Connect, McpTestCase, Session
from users.models import CompanyRole, CompanyRoleMembership, CustomUser, Scope
from users.tests.cases import logged_in
from users.token_actions import make_service_account
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.engine_cases import NUMBER, PERSON, end, form, workflow

pytestmark = pytest.mark.slow
NOTE, ROBOT = "Both amounts agree.", "Robot (service account)"


class WorkTests(McpTestCase):
    """A client that knows nothing but what tools return: from a broken file to a ticket that is done."""

    def test_over_http(self) -> None:
        self.work_with(self.http)

    def test_over_standard_input_and_output(self) -> None:
        self.work_with(self.started)

    def work_with(self, connect: Connect) -> None:
        submitter = make_secret(self.ours.submitter, Scope.READ, Scope.SUBMIT)
        with connect(make_secret(self.ours.admin)) as admin, connect(submitter) as sam:
            draft, digest = self.make_drafts(admin)
            admin.do("publish_workflow", workflow_id=draft, read=digest)
            (kind,) = sam.do("list_ticket_types")["body"]["items"]
            asked = sam.do("read_ticket_type", ticket_type_id=kind["id"])["body"]["form"]
            values = self.values(asked)
            ticket = sam.do("submit_ticket", ticket_type=kind["id"], values=values, idempotency_key="k")
            number = ticket["body"]["number"]
            self.assertEqual(self.do_tasks(admin), ["Decide", "Try the key", "Hand out the key"])
            ended = sam.do("read_ticket", number=number)["body"]
            self.assertEqual((ended["status"], ended["submitted"]), ("COMPLETED", values))

    def make_drafts(self, session: Session) -> tuple[int, str]:
        """Make drafts without a finding of the broken files.

        Return the id of the last draft and the digest of its report.
        """
        drafts = set()
        for name, file in broken_files().items():
            with self.subTest(name):
                self.assertTrue(self.fix(session, file))
                draft = session.do("create_draft", file=file)["body"]["id"]
                report = session.do("read_workflow_report", workflow_id=draft)["body"]
                self.nothing_is_found(report)
                drafts.add(draft)
        self.assertEqual(len(drafts), 5)
        return draft, report["digest"]

    def fix(self, session: Session, file: dict[str, Any]) -> int:
        """Apply fixes until the check finds nothing, and return how many there were."""
        for count in range(20):
            report = session.do("check_workflow", file=file)["body"]
            if not (findings := report["findings"]):
                self.nothing_is_found(report)
                return count
            self.assertTrue(any(apply_fix(file, finding) for finding in findings), findings)
        raise AssertionError(findings)

    def nothing_is_found(self, report: Mapping[str, Any]) -> None:
        """Assert that all paths were tried, with no finding."""
        found = report["findings"], report["is_complete"], report["is_pending"]
        self.assertEqual(found, ([], True, False))

    def values(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return values that fit the form."""
        samples = {"string": "West wing", "integer": 3}
        return {
            name: each["enum"][0] if "enum" in each else samples[each["type"]]
            for name, each in schema["properties"].items()
        }

    def do_tasks(self, session: Session) -> list[str]:
        """Complete open tasks until there are none, and return their titles."""
        done = []
        while items := session.do("list_desk_tasks")["body"]["items"]:
            result = session.do("read_task", task_id=items[0]["id"])
            values = self.values(result["body"]["form"])
            session.do("complete_task", task_id=items[0]["id"], values=values, if_match=result["etag"])
            done.append(items[0]["title"])
        return done


class ServiceAccountTests(McpTestCase):
    """Sam names a service account in the ticket, which gets the task by that. One may do it, too."""

    def setUp(self) -> None:
        super().setUp()
        book = form(
            "Book", "a who", "out n", executor_roles=("Crew",), assignee_field="who", needs_approval=True
        )
        self.engine.load(workflow(book, end("Booked", "out n"), ticket="a who", who=PERSON, n=NUMBER))
        self.one = self.engine.person("One", roles=["Crew"])
        self.robot: CustomUser = self.engine.as_person(self.ours.admin, self.make_robot)

    def make_robot(self) -> CustomUser:
        robot = make_service_account(name="Robot")
        CompanyRoleMembership.objects.create(role=CompanyRole.objects.get(name="Crew"), person=robot)
        return robot

    def test_from_the_ticket_to_its_end(self) -> None:
        secret = make_secret(self.robot, Scope.READ, Scope.WORK, by=self.ours.admin)
        submitter = make_secret(self.ours.submitter, Scope.READ, Scope.SUBMIT)
        with self.http(submitter) as sam, self.http(secret) as robot:
            number = self.submit(sam)
            task = self.prepare(robot)
            self.assertEqual(sam.do("read_ticket", number=number)["body"]["status"], "IN_PROGRESS")
            self.approve(task)
            self.assertEqual(sam.do("read_ticket", number=number)["body"]["status"], "COMPLETED")
            self.assertEqual(robot.refusal("read_ticket", number=number), 403)
            entries = sam.do("read_timeline", number=number)["body"]["items"]
        self.both_are_named(entries)

    def submit(self, sam: Session) -> int:
        """Submit a ticket that names the service account, and return its number."""
        (kind,) = sam.do("list_ticket_types")["body"]["items"]
        people = sam.do("list_people_of_ticket_form", ticket_type_id=kind["id"])["body"]["items"]
        (robot,) = [each["id"] for each in people if each["name"] == ROBOT]
        values = {"a": "Paper", "who": str(robot)}
        number: int = sam.do("submit_ticket", ticket_type=kind["id"], values=values)["body"]["number"]
        return number

    def prepare(self, robot: Session) -> int:
        """Answer the one task that there is, and return its id."""
        (item,) = robot.do("list_tasks")["body"]["items"]
        read = robot.do("read_task", task_id=item["id"])
        self.assertEqual((read["body"]["assignee"], read["body"]["needs_approval"]), (ROBOT, True))
        receipt = robot.do(
            "complete_task",
            task_id=item["id"],
            values={"out": "pay", "n": 5},
            note=NOTE,
            if_match=read["etag"],
        )["body"]
        self.assertEqual((receipt["status"], receipt["is_prepared"]), ("IN_PROGRESS", True))
        self.assertEqual(robot.do("list_tasks")["body"]["items"], [])
        self.assertEqual(robot.refusal("read_task", task_id=item["id"]), 403)
        task: int = item["id"]
        return task

    def approve(self, task: int) -> None:
        """Confirm the answer in the browser, as the person who has been given it."""
        browser, path = logged_in(self.one), f"/tasks/{task}/"
        page = browser.get(path)
        self.assertContains(page, NOTE)
        prepared = page.context["task"].prepared_id
        answer = {"_input_version": "1", "_prepared": prepared, "out": "pay", "n": "5"}
        self.assertRedirects(browser.post(path, answer), path)

    def both_are_named(self, entries: list[dict[str, Any]]) -> None:
        """Assert that the timeline names who prepared the answer, with the note, and who confirmed it."""
        (prepared,) = [each for each in entries if each["comment"] == NOTE]
        self.assertTrue(prepared["who"].startswith(ROBOT), prepared)
        (confirmed,) = [each for each in entries if each["who"] == "One Tester"]
        self.assertIn(f"confirmed “Book”, prepared by {ROBOT}", confirmed["text"])
