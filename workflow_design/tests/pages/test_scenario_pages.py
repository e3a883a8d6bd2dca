"""The pages of scenarios: read, made from a try-out, renamed, deleted."""

import json
from typing import Any

from django.db import transaction
from django.test import Client

from users.tests.audit import audit_events
from users.tests.cases import CompanyTestCase, People, logged_in
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import CheckFailedError
from workflow_design.tests.files import SCENARIO
from workflow_design.tests.page_cases import make_active, make_draft
from workflow_design.versions.publishing import new_version, publish

FAILING = {**SCENARIO, "title": "It is booked at once", "expect": {"completion": "Booked"}}
BROKEN = {**SCENARIO, "title": "Nobody decides", "moves": [SCENARIO["moves"][1]], "expect": {}}


class ScenarioPages(CompanyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.draft = make_draft(self.ours, scenarios=[SCENARIO, FAILING, BROKEN])
        self.client = logged_in(self.ours.designer)
        self.list = f"/design/{self.draft.pk}/scenarios/"

    def scenarios(self, people: People | None = None) -> list[dict[str, Any]]:
        with (people or self.ours).scope():
            file = export_workflow(WorkflowDefinition.objects.get(pk=self.draft.pk))
        return [dict(each) for each in file.scenarios]

    def page(self, path: str = "", *, client: Client | None = None) -> str:
        response = (client or self.client).get(f"{self.list}{path}")
        self.assertEqual(response.status_code, 200)
        return response.content.decode()


class Reading(ScenarioPages):
    def test_the_list_says_what_the_check_found(self) -> None:
        page = self.page()
        self.assertEqual((page.count("Passed"), page.count("Failed")), (1, 2))
        self.assertIn("“Rejected” is reached. Manager note is empty.", page)
        self.assertIn("Run them again", page)

    def test_run_again_comes_back(self) -> None:
        response = self.client.post(f"/design/{self.draft.pk}/check/", {"next": "scenarios"})
        self.assertRedirects(response, self.list)

    def test_not_played_while_there_are_other_errors(self) -> None:
        with self.ours.designer.scope():
            WorkflowDefinition.objects.filter(pk=self.draft.pk).update(fields_schema={"type": "object"})
        self.client.post(f"/design/{self.draft.pk}/check/")
        self.assertEqual(self.page().count("Not played yet"), 3)
        self.assertIn("It can't be played on this page", self.page("1/").replace("&#x27;", "'"))

    def test_one_as_sentences(self) -> None:
        page = self.page("1/")
        self.assertIn("Max completes “Decide”: Decision “Reject”.", page)
        self.assertIn("Everything came as expected.", page)
        self.assertIn("Expected: “Booked” is reached. Came: “Rejected” is reached.", self.page("2/"))
        broken = self.page("3/").replace("&#x27;", "'")
        self.assertIn("Step 1 can't be played. A workflow starts with a ticket.", broken)

    def test_findings_link_to_it(self) -> None:
        page = self.client.get(f"/design/{self.draft.pk}/").content.decode()
        self.assertIn(f'href="{self.list}2/"', page)

    def test_the_active_version_is_read_only(self) -> None:
        active = make_active(self.ours, scenarios=[SCENARIO])
        self.list = f"/design/{active.pk}/scenarios/"
        for client in (self.client, logged_in(self.ours.ticket_admin)):
            self.assertIn("Passed", self.page(client=client))
            page = self.page("1/", client=client)
            self.assertNotIn("Rename", page)
        response = self.client.post(f"{self.list}1/delete/", {"current": SCENARIO["title"]}, follow=True)
        self.assertContains(response, "is published")

    def test_without_any(self) -> None:
        self.draft = make_draft(self.ours, scenarios=[])
        self.assertIn("There are no scenarios yet.", self.page())
        self.assertEqual(self.client.get(f"{self.list}1/").status_code, 404)
        self.assertEqual(self.client.get(f"{self.list}0/").status_code, 404)


class Making(ScenarioPages):
    MOVES = json.dumps(
        [{key: each[key] for key in ("kind", "title", "values")} for each in SCENARIO["moves"]]
    )

    def create(self, **data: Any) -> Any:
        return self.client.post(f"{self.list}new/", {"moves": self.MOVES, **data})

    def test_the_try_out_offers_it(self) -> None:
        page = self.client.post(f"/design/{self.draft.pk}/try/", {"moves": self.MOVES}).content.decode()
        self.assertIn(f'action="{self.list}new/"', page)
        self.assertIn("Keep as scenario", page)

    def test_proposes_what_stands_now(self) -> None:
        page = self.create()
        self.assertContains(page, "The workflow is cancelled.")
        self.assertContains(page, "“Rejected” is reached.")
        self.assertContains(page, "Days is 3.")
        self.assertNotContains(page, "This field is required")

    def test_stores_what_is_ticked(self) -> None:
        response = self.create(title="Said no", expected=["completion/", "values/days"])
        self.assertRedirects(response, self.list)
        made = self.scenarios()[-1]
        self.assertEqual((made["title"], made["people"]), ("Said no", {}))
        self.assertEqual(made["expect"], {"completion": "Rejected", "values": {"days": 3}})
        self.assertEqual([move["title"] for move in made["moves"]], ["Vacation request", "Decide"])
        self.assertEqual(self.page().count("Passed"), 2)

    def test_problems_stand_beside_their_field(self) -> None:
        for title in ("", "A MANAGER rejects", "x" * 300):
            with self.subTest(title):
                page = self.create(title=title, expected=["completion/"])
                self.assertContains(page, 'id="id_title_error"')
        self.assertEqual(len(self.scenarios()), 3)

    def test_moves_that_can_not_be_played(self) -> None:
        without_ticket = json.dumps([SCENARIO["moves"][1]])
        for moves in ("", "[]", "{{", '[{"kind": "clock"}]', without_ticket):
            with self.subTest(moves):
                response = self.client.post(f"{self.list}new/", {"moves": moves, "title": "X"})
                self.assertRedirects(response, f"/design/{self.draft.pk}/try/", fetch_redirect_response=False)
        gone = json.dumps([*json.loads(self.MOVES), SCENARIO["moves"][0]])
        page = self.client.post(f"{self.list}new/", {"moves": gone})
        self.assertContains(page, "so the scenario ends before it.")
        self.assertEqual(self.client.get(f"{self.list}new/").status_code, 302)


class Stored(ScenarioPages):
    def test_a_failing_one_refuses_publishing(self) -> None:
        with self.ours.designer.scope(), transaction.atomic(), self.assertRaises(CheckFailedError) as caught:
            publish(self.draft, by=self.ours.designer)
        pointers = [problem.pointer for problem in caught.exception.problems]
        self.assertEqual(pointers, ["/scenarios/1", "/scenarios/2"])

    def test_they_are_exported_as_they_were_imported_and_copied_to_the_next_version(self) -> None:
        self.assertEqual(self.scenarios(), [SCENARIO, FAILING, BROKEN])
        active = make_active(self.ours, scenarios=[SCENARIO])
        with self.ours.designer.scope(), transaction.atomic():
            self.draft = new_version(active, by=self.ours.designer)
        self.assertEqual(self.scenarios(), [SCENARIO])


class Changing(ScenarioPages):
    def test_rename(self) -> None:
        data = {"title": "No", "current": SCENARIO["title"]}
        self.assertRedirects(self.client.post(f"{self.list}1/rename/", data), f"{self.list}1/")
        self.assertEqual(self.scenarios()[0]["title"], "No")
        taken = self.client.post(f"{self.list}1/rename/", {"title": FAILING["title"], "current": "No"})
        self.assertContains(taken, 'id="id_title_error"')

    def test_delete(self) -> None:
        self.assertContains(self.client.get(f"{self.list}1/delete/"), "Delete the scenario")
        gone = {"current": SCENARIO["title"]}
        self.assertRedirects(self.client.post(f"{self.list}1/delete/", gone), self.list)
        self.assertEqual([each["title"] for each in self.scenarios()], [FAILING["title"], BROKEN["title"]])
        with self.ours.scope():
            event = audit_events(WorkflowDefinition).last()
        self.assertIn("scenarios", event.changes if event else {})
        # Another person was faster: what stands in its place now stays.
        self.assertEqual(self.client.post(f"{self.list}1/delete/", gone).status_code, 404)
        self.assertContains(self.client.post(f"{self.list}1/delete/", {}), "Delete the scenario")
        self.assertEqual(len(self.scenarios()), 2)

    def test_who_may(self) -> None:
        for client, expected in (
            (logged_in(self.ours.ticket_admin), 403),
            (logged_in(self.theirs.designer), 404),
        ):
            for path in ("new/", "1/rename/", "1/delete/"):
                with self.subTest(path, expected=expected):
                    self.assertEqual(client.post(f"{self.list}{path}", {}).status_code, expected)
        self.assertEqual(len(self.scenarios()), 3)
