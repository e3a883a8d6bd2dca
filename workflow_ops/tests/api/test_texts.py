"""Reasons, notes and holds over the API: what the forms of the pages refuse, and how they store texts."""

from __future__ import annotations

import unicodedata
from typing import Any

from workflow_ops.models import TicketError, TimelineEvent, TimelineKind
from workflow_ops.tests.api.cases import ApiTestCase
from workflow_ops.tests.engine_cases import NUMBER, equals, form, workflow

TOO_LONG = "x" * 1001
BLANK = " \n\t "


class TextsTests(ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        never = form("Never", "n", condition=equals("n", 99))
        made = self.engine.load(workflow(form("Check", "a"), never, ticket="a n", n=NUMBER))
        self.ticket = self.engine.submit(made, a="Paper", n=1)
        self.task = self.engine.task(self.ticket, "Check")
        self.ada = self.program(self.ours.admin)
        self.path, self.task_path = f"desk/tickets/{self.ticket.number}", f"desk/tasks/{self.task.pk}"

    def refused(self, path: str, body: Any, **headers: str) -> list[str]:
        return list(self.problems(self.send(self.ada, "POST", path, body, **headers), 422))

    def test_what_is_refused(self) -> None:
        complete, own = f"tasks/{self.task.pk}/complete", f"tasks/{self.task.pk}/give-back"
        for path, body, pointer in (
            (f"{self.path}/cancel", {"reason": BLANK}, "/reason"),
            (f"{self.path}/cancel", {"reason": TOO_LONG}, "/reason"),
            (f"{self.path}/hold", {"reason": BLANK}, "/reason"),
            (f"{self.path}/hold", {"reason": "Wait", "resumes_by_itself": True}, "/until"),
            (f"{self.path}/hold", {"reason": "Wait", "until": "2020-01-31"}, "/until"),
            (f"{self.path}/responsible", {"person": None, "note": TOO_LONG}, "/note"),
            (f"{self.task_path}/cancel", {"reason": BLANK}, "/reason"),
            (f"{self.task_path}/assign", {"person": None, "note": TOO_LONG}, "/note"),
            (f"{self.task_path}/restrict", {"people": [], "note": TOO_LONG}, "/note"),
            (complete, {"values": {}, "note": TOO_LONG}, "/note"),
            (own, {"reason": TOO_LONG}, "/reason"),
        ):
            with self.subTest(path, pointer=pointer):
                self.assertEqual(self.refused(path, body, If_Match='"1"'), [pointer])
        sam = self.program(self.ours.submitter)
        blank = self.send(sam, "POST", f"tickets/{self.ticket.number}/withdraw", {"reason": BLANK})
        self.assertEqual(self.problems(blank, 422), ["/reason"])
        self.assertEqual(self.engine.status(self.ticket), "IN_PROGRESS")

    def test_texts_are_stored_as_pages_store_them(self) -> None:
        typed = unicodedata.normalize("NFD", "Für später\r\nwirklich ")
        hold = self.send(self.ada, "POST", f"{self.path}/hold", {"reason": typed})
        self.assertEqual(hold.status_code, 200, hold.content)
        details = self.engine.call(lambda: TimelineEvent.objects.get(kind=TimelineKind.HELD).details)
        self.assertEqual(details["reason"], "Für später\nwirklich")

    def test_notes_of_an_error(self) -> None:
        self.send(self.ada, "POST", f"{self.task_path}/cancel", {"reason": "So that it stalls"})
        (error,) = self.engine.errors(self.ticket)
        path = f"desk/errors/{error.pk}"
        self.assertEqual(self.refused(f"{path}/review", {"notes": "x" * 5001}), ["/notes"])
        self.assertEqual(self.refused(f"{path}/retry", {"note": TOO_LONG}), ["/note"])
        self.send(self.ada, "POST", f"{path}/review", {"notes": "One\r\ntwo\n\n"})
        notes = self.engine.call(lambda: TicketError.objects.get(pk=error.pk).resolution_notes)
        self.assertEqual(notes, "One\ntwo")
