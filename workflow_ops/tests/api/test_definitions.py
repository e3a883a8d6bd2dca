"""Workflows over the API."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from users.models import CompanyRole, Scope
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.token_actions import make_service_account
from workflow_design.definition.file_json import to_json
from workflow_design.models import Connection, ConnectionKind, WorkflowDefinition
from workflow_ops.actions.secrets import encrypt_secrets
from workflow_ops.tests.api.cases import ApiTestCase, Program, make_secret
from workflow_ops.tests.engine_cases import form, workflow


class DefinitionsTests(ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.dora = self.program(self.ours.designer, Scope.DESIGN, Scope.PUBLISH)
        self.file = to_json(workflow(form("Check", "a"), title="Purchase"))

    def do(
        self, method: str, path: str, body: Any = None, program: Program | None = None, **more: str
    ) -> Any:
        return self.send(program or self.dora, method, path, body, **more)

    def answer(self, response: Any, status: int = 200) -> Any:
        self.assertEqual(response.status_code, status, response.content[:800])
        return json.loads(response.content)

    def draft(self) -> int:
        number: int = self.answer(self.do("POST", "workflows", self.file), 201)["id"]
        return number

    def test_a_file_that_is_wrong_is_checked_with_what_would_fix_it(self) -> None:
        self.file["tasks"][0]["input_fields"] = ["aa"]
        report = self.answer(self.do("POST", "workflows/check", self.file))
        codes = {finding["code"]: finding for finding in report["findings"]}
        self.assertIn("unknown-field", codes)
        self.assertIn("/tasks/0/input_fields", codes["unknown-field"]["pointer"])
        self.assertTrue(codes["unknown-field"]["fix"])
        response = self.do("POST", "workflows", self.file)
        self.assertTrue(self.problems(response, 422))
        self.assertFalse(self.engine.call(WorkflowDefinition.objects.exists))

    def test_from_a_file_to_a_published_workflow(self) -> None:
        number = self.draft()
        response = self.dora.get(f"workflows/{number}/file")
        file = self.answer(response)
        self.assertEqual(file["title"], "Purchase")
        file["description"] = "For the office"
        self.problems(self.do("PUT", f"workflows/{number}/file", file), 428)
        etag = response.headers["ETag"]
        replaced = self.do("PUT", f"workflows/{number}/file", file, If_Match=etag)
        self.answer(replaced)
        self.problems(self.do("PUT", f"workflows/{number}/file", file, If_Match=etag), 412)
        other = {**file, "title": "Other"}
        new = replaced.headers["ETag"]
        self.assertEqual(
            self.problems(self.do("PUT", f"workflows/{number}/file", other, If_Match=new), 422), ["/title"]
        )
        report = self.answer(self.dora.get(f"workflows/{number}/report"))
        published = self.do("POST", f"workflows/{number}/publish", {"read": report["digest"]})
        self.assertEqual(self.answer(published)["status"], "ACTIVE")
        self.problems(self.do("POST", f"workflows/{number}/publish", {}), 409)
        version = self.answer(self.do("POST", f"workflows/{number}/new-version"), 201)
        self.assertEqual((version["version"], version["status"]), (2, "DRAFT"))
        self.assertEqual(self.answer(self.dora.get(f"workflows/{number}/difference/{version['id']}")), [])
        replay = self.answer(self.dora.get(f"workflows/{version['id']}/replay"))
        self.assertEqual(replay["different"], [])

    def made(self, title: str) -> tuple[int, str]:
        """Make a draft with this title, and return its id and its version."""
        number = self.answer(self.do("POST", "workflows", {**self.file, "title": title}), 201)["id"]
        return number, self.dora.get(f"workflows/{number}/file").headers["ETag"]

    def test_titles_that_only_the_database_distinguishes(self) -> None:
        """What is replaced is the draft that the address and the version name."""
        street, version = self.made("Straße")
        other, _version = self.made("Strasse")
        file = {**self.file, "title": "Strasse", "description": "Of the other"}
        refused = self.do("PUT", f"workflows/{street}/file", file, If_Match=version)
        self.assertEqual(self.problems(refused, 422), ["/title"])
        self.assertEqual(self.answer(self.dora.get(f"workflows/{other}/file"))["description"], "")
        self.assertEqual(self.do("POST", f"workflows/{other}/discard").status_code, 204)
        replaced = self.answer(self.do("PUT", f"workflows/{street}/file", file, If_Match=version))
        self.assertEqual((replaced["id"], replaced["title"]), (street, "Strasse"))
        self.assertEqual(self.engine.call(WorkflowDefinition.objects.count), 1)

    def test_a_title_in_another_form_of_unicode(self) -> None:
        number, version = self.made("Büro")
        file = {**self.file, "title": unicodedata.normalize("NFD", "Büro")}
        self.assertNotEqual(file["title"], "Büro")
        replaced = self.answer(self.do("PUT", f"workflows/{number}/file", file, If_Match=version))
        self.assertEqual((replaced["id"], replaced["title"]), (number, "Büro"))

    def test_the_report_is_that_of_the_page(self) -> None:
        """With what is meant so, also of what only the company can say; without that once it is archived."""
        self.engine.call(lambda: CompanyRole.objects.create(name="Nobodies"))
        self.file["tasks"][0]["executor_roles"] = ["Nobodies"]
        accepted = {"code": "nobody-to-assign", "pointer": "/tasks/0/executor_roles", "reason": "They come"}
        number = self.draft()

        def reasons() -> list[str | None]:
            found = self.answer(self.dora.get(f"workflows/{number}/report"))["findings"]
            return [each["accepted"] for each in found if each["code"] == "nobody-to-assign"]

        self.assertEqual(reasons(), [None])
        version = self.dora.get(f"workflows/{number}/file").headers["ETag"]
        file = {**self.file, "accepted": [accepted]}
        self.answer(self.do("PUT", f"workflows/{number}/file", file, If_Match=version))
        self.assertEqual(reasons(), ["They come"])
        read = self.answer(self.dora.get(f"workflows/{number}/report"))["digest"]
        self.answer(self.do("POST", f"workflows/{number}/publish", {"read": read}))
        self.answer(self.do("POST", f"workflows/{number}/archive"))
        self.assertEqual(reasons(), [])

    def test_a_second_draft_is_refused(self) -> None:
        self.draft()
        self.problems(self.do("POST", "workflows", self.file), 409)

    def test_the_same_key_makes_one_draft(self) -> None:
        first, second = (
            self.answer(self.do("POST", "workflows", self.file, Idempotency_Key="k"), 201)
            for _each in range(2)
        )
        self.assertEqual(first, second)

    def test_played(self) -> None:
        number = self.draft()
        moves = [{"kind": "ticket", "title": "Ticket", "values": {"a": "x"}}]
        played = self.answer(self.do("POST", f"workflows/{number}/play", {"moves": moves}))
        self.assertEqual(
            (played["status"], played["open_tasks"], played["refusal"]), ("IN_PROGRESS", ["Check"], "")
        )
        moves.append({"kind": "task", "title": "Nothing", "values": {}})
        refused = self.answer(self.do("POST", f"workflows/{number}/play", {"moves": moves}))
        self.assertIn("Step 2 can't be played.", refused["refusal"])
        self.problems(self.do("POST", f"workflows/{number}/play", {"moves": [{"kind": "jump"}]}), 422)

    def test_format_and_gallery(self) -> None:
        self.assertIn("properties", self.answer(self.dora.get("workflow-format")))
        items = self.answer(self.dora.get("gallery"))
        template = self.answer(self.dora.get(f"gallery/{items[0]['name']}"))
        self.assertEqual(template["title"], items[0]["title"])
        self.problems(self.dora.get("gallery/nothing"), 404)

    def test_who_may_not(self) -> None:
        number = self.draft()
        for program, status in (
            (self.program(self.ours.submitter), 403),
            (self.program(self.theirs.designer), 404),
            (self.program(self.ours.designer, Scope.READ), 403),
        ):
            with self.subTest(status=status):
                self.problems(program.get(f"workflows/{number}"), status)
                self.problems(program.get(f"workflows/{number}/file"), status)
        self.problems(self.do("POST", "workflows", self.file, self.program(self.ours.worker)), 403)
        self.problems(self.do("POST", "workflows/check", self.file, self.program(self.ours.worker)), 403)
        without = self.program(self.ours.designer, Scope.DESIGN)
        self.problems(self.do("POST", f"workflows/{number}/publish", {}, without), 403)


class NamesTests(ApiTestCase):
    """What a workflow may name of its company (docs/access.md, "Who may do what")."""

    def setUp(self) -> None:
        super().setUp()
        self.engine.call(self._make_rows)

    def _make_rows(self) -> None:
        for name in ("reviewers", "Buyers"):
            CompanyRole.objects.create(name=name, description="Not for programs")
        for name, kind in (
            ("travel", ConnectionKind.HTTP),
            ("Calendar", ConnectionKind.HTTP),
            ("Team chat", ConnectionKind.SLACK),
            ("All hands", ConnectionKind.TEAMS),
        ):
            Connection.objects.create(
                name=name, kind=kind, base_address="https://calendar.example", secrets=encrypt_secrets()
            )

    def names(self, program: Program) -> dict[str, list[str]]:
        response = program.get("workflows/names")
        self.assertEqual(response.status_code, 200, response.content)
        found: dict[str, list[str]] = json.loads(response.content)
        return found

    def test_names_and_nothing_else(self) -> None:
        found = self.names(self.program(self.ours.designer, Scope.DESIGN))
        roles = self.engine.call(lambda: [*CompanyRole.objects.values_list("name", flat=True)])
        self.assertEqual(found.pop("roles"), sorted(roles, key=str.lower))
        self.assertEqual(found, {"connections": ["Calendar", "travel"], "chats": ["All hands", "Team chat"]})

    def test_the_check_knows_them(self) -> None:
        dora = self.program(self.ours.designer, Scope.DESIGN)
        names = self.names(dora)
        tasks = [
            *(
                form(f"Do {name}", "a", f"did_{place}", executor_roles=(name,))
                for place, name in enumerate(names["roles"])
            ),
            *(
                form(
                    f"Call {name}",
                    "a",
                    f"called_{place}",
                    task_type="SYNC_ACTION",
                    connection=name,
                    path="/x",
                )
                for place, name in enumerate(names["connections"])
            ),
        ]
        unknown = form("Gone", "a", "gone", executor_roles=("Gone",))
        for file, codes in ((workflow(*tasks), set()), (workflow(*tasks, unknown), {"unknown-role"})):
            report = json.loads(dora.post("workflows/check", to_json(file)).content)
            found = {each["code"] for each in report["findings"] if each["code"].startswith("unknown-")}
            self.assertEqual(found, codes)

    def test_a_service_account_that_designs(self) -> None:
        robot = self.engine.as_person(self.ours.admin, lambda: make_service_account(name="Robo"))
        program = Program(make_secret(robot, Scope.DESIGN, by=self.ours.admin))
        self.problems(program.get("workflows/names"), 403)
        self.engine.as_person(
            self.ours.admin, lambda: give_system_roles(robot, [SystemRoleName.WORKFLOW_CREATOR])
        )
        self.assertIn("Buyers", self.names(program)["roles"])

    def test_who_may_not(self) -> None:
        self.problems(self.program(self.ours.ticket_admin).get("workflows/names"), 403)
        self.problems(self.program(self.ours.designer, Scope.READ, Scope.COMPANY).get("workflows/names"), 403)
        self.problems(self.program(self.ours.designer).post("workflows/names"), 405)
        theirs = self.names(self.program(self.theirs.designer))
        self.assertNotIn("Buyers", theirs["roles"])
        self.assertEqual((theirs["connections"], theirs["chats"]), ([], []))
