"""The pages that look back: the history, one step, and why a definition did or did not start in it."""

from dataclasses import replace

from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.desk.actions import edit_data, hold_workflow, resume_workflow
from workflow_ops.desk.history_pages import StepPage
from workflow_ops.history.why import judge
from workflow_ops.models import TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase


class LookingBack(DeskTestCase):
    """A test case with a ticket and its history."""

    def setUp(self) -> None:
        super().setUp()
        self.ticket = self.vacations.submit(employee_note="By the sea")
        self.path = f"/manage/tickets/{self.ticket.number}/history/"

    def ask_again(self, times: int) -> None:
        for _round in range(times):
            self.vacations.complete(self.ticket, "Decide", decision="change")
            self.vacations.complete(self.ticket, "Change request", days=2, first_day="2026-08-01")


class History(LookingBack):
    """The history of the workspace."""

    def test_shows_the_changes_of_each_step(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        self.vacations.complete(self.ticket, "Change request", days=3, first_day="2026-07-01")
        response = self.client.get(self.path)
        third, second, first = response.context["entries"]
        self.assertEqual(
            (third.number, third.what, third.who), (3, "“Change request” was completed", "Ada Admin")
        )
        changes = {change.label: (change.before, change.after) for change in third.changes}
        self.assertEqual(
            changes, {"Days": ("5", "3"), "Note": ('<div class="tf-lines-kept">By the sea</div>', "")}
        )
        self.assertEqual(third.same, ["First day"])
        self.assertEqual(third.followed, ["“Decide” #2 started, assigned to Marek Tester"])
        self.assertEqual({change.label for change in second.changes}, {"Decision", "Note of the manager"})
        self.assertEqual((first.what, len(first.changes)), ("Submitted", 3))

    def test_holds_stand_in_their_place_and_change_nothing(self) -> None:
        with self.ours.scope():
            hold_workflow(self.ticket, reason="The supplier is asked", by=self.admin)
            resume_workflow(self.ticket, by=self.admin)
        self.vacations.apply_writes(self.ticket)
        self.vacations.complete(self.ticket, "Decide", decision="reject", manager_note="")
        third, resumed, held, first = self.client.get(self.path).context["entries"]
        self.assertEqual((held.who, held.text), ("Hanna Tester", "put the ticket on hold"))
        self.assertEqual(
            (held.comment, resumed.what, resumed.number), ("The supplier is asked", "Resumed", 2)
        )
        self.assertEqual((resumed.changes, resumed.same, resumed.followed), ([], [], []))
        # That an empty field was written empty is not said.
        self.assertEqual(([change.label for change in third.changes], third.same), (["Decision"], []))
        self.assertIn("The ticket ended as “Rejected”", third.followed)
        self.assertEqual(first.number, 1)

    def test_pagination_and_constant_statements(self) -> None:
        with at_most_queries(HISTORY_QUERIES) as few:
            self.client.get(self.path)
        self.ask_again(15)
        with same_queries_as(few):
            response = self.client.get(self.path)
        self.assertLess(len(response.content), 100_000)
        newest = [step.number for step in response.context["entries"]]
        older = self.client.get(self.path + response.context["page"].older_url).context["entries"]
        self.assertEqual(newest + [step.number for step in older], list(range(31, 0, -1)))
        # The oldest step of the first page is compared with the one before it, on the next page.
        self.assertNotIn("Days", {change.label for change in response.context["entries"][-1].changes})


class Step(LookingBack):
    """One step: what changed, why, and how everything stood."""

    def marks(self, step: int) -> dict[str, str]:
        """Return the marks of the picture after a step."""
        nodes = self.client.get(f"{self.path}{step}/").context["picture"].nodes
        return {node.title: node.mark.text.text for node in nodes if node.mark}

    def test_shows_the_workspace_and_the_picture_as_they_stood(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        self.vacations.complete(self.ticket, "Change request", days=3, first_day="2026-07-01")
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        request, decide = "Vacation request", "Decide"
        self.assertEqual(self.marks(1), {request: "✓ Submitted", decide: "● Open"})
        self.assertEqual(
            self.marks(2), {request: "✓ Submitted", decide: "✓ Done", "Change request": "● Open"}
        )
        self.assertEqual(
            self.marks(3), {request: "✓ Submitted", decide: "● Open", "Change request": "✓ Done"}
        )
        self.assertEqual(self.marks(4)["Rejected"], "✓ Reached")
        page = self.client.get(f"{self.path}3/")
        self.assertContains(page, "Step 3: “Change request” was completed")
        self.assertContains(page, '<dd class="tf-was">Changed. It was: <del>5</del></dd>', html=True)
        self.assertContains(page, "Step 3 of 4")
        for other in (2, 4):
            self.assertContains(page, f'href="{self.path}{other}/"')
        self.assertNotContains(self.client.get(f"{self.path}4/"), "Next step")

    def test_says_why_and_why_not(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        page = self.client.get(f"{self.path}2/")
        asked = {each["title"]: each["verdict"].words for each in page.context["asked"]}
        self.assertEqual(
            asked,
            {
                "Rejected": "Condition does not hold",
                "Change request": "Started",
                "Book it": "Condition does not hold",
            },
        )
        self.assertEqual([each["title"] for each in page.context["others"]], ["Booked", "Decide"])

    def test_unknown_steps_and_parts(self) -> None:
        key = self.vacations.task(self.ticket, "Decide").task_definition_id
        for path in (
            "0/",
            "2/",
            "999999999999/",
            f"2/task/{key}/",
            f"1/ticket/{key}/",
            "1/task/x/",
            "1/task/0/",
        ):
            self.assertEqual(self.client.get(self.path + path).status_code, 404, path)
        self.assertEqual(self.client.get(f"{self.path}1/task/{key}/").status_code, 200)

    def test_who_may(self) -> None:
        """Whoever administers the workflow, and workflow creators who may see the ticket."""
        key = self.vacations.task(self.ticket, "Decide").task_definition_id
        own = self.vacations.submit()
        with self.ours.scope():
            TicketInstance.objects.filter(pk=own.pk).update(created_by=self.ours.designer)
        for page in ("", "1/", f"1/task/{key}/"):
            with self.subTest(page):
                self.assert_guarded(self.path + page, post=False)
                # A manager did a task, and so sees the ticket.
                self.assertEqual(logged_in(self.vacations.manager).get(self.path + page).status_code, 403)
                self.assertEqual(logged_in(self.their_vacations.hr).get(self.path + page).status_code, 404)
                path = f"/manage/tickets/{own.number}/history/{page}"
                self.assertEqual(logged_in(self.ours.designer).get(path).status_code, 200)

    def test_constant_statements(self) -> None:
        key = self.vacations.task(self.ticket, "Decide").task_definition_id
        paths = (f"{self.path}3/", f"{self.path}3/task/{key}/")
        self.ask_again(1)
        before = []
        for path in paths:
            self.client.get(path)  # reads what is cached for the version
            with at_most_queries(STEP_QUERIES) as few:
                self.client.get(path)
            before.append(few)
        self.ask_again(12)
        for path, few in zip(paths, before, strict=True):
            with same_queries_as(few):
                page = self.client.get(path)
            self.assertLess(len(page.content), 100_000)


class Why(LookingBack):
    """The page of one definition in one step."""

    def why(self, step: int, title: str) -> str:
        """Return the text of the page, to which the step's page and its picture lead."""
        page = self.client.get(f"{self.path}{step}/")
        each = next(each for each in page.context["asked"] + page.context["others"] if each["title"] == title)
        self.assertIn(each["url"], [node.link for node in page.context["picture"].nodes])
        self.page = self.client.get(each["url"])
        return str(self.page.context["question"])

    def test_what_started(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="approve", manager_note="Fine")
        self.assertEqual(self.why(2, "Book it"), "Why did “Book it” start?")
        self.assertEqual(
            self.page.context["verdict"].answer,
            "“Book it” started, since Decision was written and Decision is “Approve”.",
        )
        inputs = {row.label: (row.value, row.is_written) for row in self.page.context["inputs"]}
        self.assertEqual(inputs["Decision"], ("“Approve”", True))
        self.assertEqual(inputs["Days"], ("5", False))
        (part,) = self.page.context["condition"]
        self.assertEqual(
            (part.sentence, part.values, part.holds),
            ("Decision is “Approve”", "(Decision is “Approve”)", True),
        )
        self.assertContains(self.page, "This has to hold. With the data of this step:")

    def test_what_did_not_hold(self) -> None:
        self.assertEqual(self.why(1, "Book it"), "Why did “Book it” not start?")
        answer = self.page.context["verdict"].answer
        self.assertIn("it starts only if Decision is “Approve” (Decision is empty)", answer)
        rows = {row.label: row for row in self.page.context["inputs"]}
        self.assertEqual(rows["Decision"].writers, "It is written by “Decide”, which was open.")
        self.assertEqual(rows["Days"].writers, "")

    def test_what_was_not_asked(self) -> None:
        self.assertEqual(self.why(1, "Booked"), "Why was “Booked” not reached?")
        self.assertEqual(
            self.page.context["verdict"].answer,
            "It is asked when Booked is written, and this step did not write that.",
        )
        self.assertContains(self.page, "Does not hold")
        self.vacations.complete(self.ticket, "Decide", decision="change")
        self.why(2, "Decide")
        self.assertContains(self.page, "this step wrote none of them.")
        other = self.client.get(self.page.context["other_steps"][0]["url"])
        self.assertEqual(other.context["question"], "Why did “Decide” start?")

    def test_what_could_not_be_created(self) -> None:
        with self.ours.scope():
            past = replace(StepPage.find(self.ticket, 1).past, created=frozenset())
            decide = next(part for part in past.parts if part.title == "Decide")
            self.assertEqual(judge(past, decide).words, "Could not be created")

    def test_what_a_correction_gave_new_data(self) -> None:
        with self.ours.scope():
            edit_data(self.ticket, values={"days": 4}, by=self.admin, only_corrects=True)
        self.vacations.apply_writes(self.ticket)
        self.assertEqual(self.why(2, "Decide"), "Why did “Decide” get new data?")
        self.why(2, "Book it")
        self.assertEqual(
            self.page.context["verdict"].answer, "This step corrected data. A correction starts nothing."
        )


# session, wall, savepoint, ticket, roles of the workflow; steps, the neighbours, events; menu, and back
HISTORY_QUERIES = 14
STEP_QUERIES = 18
