"""Values through the pages: what is typed, what is shown, and what a form leaves alone."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from users.tests.cases import logged_in
from workflow_ops.desk.actions import edit_data
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.tests.engine_cases import PERSON, EngineTestCase, equals, form, workflow

MOMENT = {"type": "string", "format": "date-time"}
FIELDS: dict[str, Any] = {
    "subject": {"type": "string", "title": "Subject"},
    "log": {"type": "string", "format": "multiline"},
    "weight": {"type": "number"},
    "price": {"type": "number", "multipleOf": 0.01},
    "from_day": {"type": "string", "format": "date"},
    "opens": {"type": "string", "format": "time", "default": "08:15:00+02:00"},
    "meets": MOMENT,
    "kind": {"enum": ["One\nand two", "Three"]},
    "extras": {"type": "array", "items": {"enum": ["Milk, sugar", "Two\nlines", "None"]}},
    "reviewer": PERSON,
    "papers": {"type": "array", "items": {"type": "string", "format": "file"}},
    "rank": {"enum": [0, 1]},
    "pieces": {"type": "integer"},
    "agreed": {"type": "boolean"},
    "verdict": {"enum": ["again", "fine"]},
}
ASKED = "subject log weight price from_day opens meets kind extras reviewer papers rank pieces agreed"
STORED = {
    "subject": "A\nB",
    "log": "  one\n\ttwo",
    "weight": 1.234,
    "price": 7.5,
    "from_day": "2027-02-03",
    "opens": "08:15:00+02:00",
    "meets": "2027-02-03T10:20:30.5Z",
    "kind": "One\nand two",
    "extras": ["Two\nlines", "Milk, sugar"],
    "rank": 0,
    "pieces": 0,
    "agreed": False,
}


class ValuesTestCase(EngineTestCase):
    """A workflow with fields of many kinds; `boss` administers it, and submits tickets."""

    def setUp(self) -> None:
        super().setUp()
        task = form("Look", "subject", "verdict")
        again = form(
            "Again", "verdict", ASKED, condition=equals("verdict", "again"), assignee_field="$submitter"
        )
        file = workflow(task, again, ticket=ASKED, **FIELDS)
        schema = {**file.fields_schema, "required": ["subject"]}
        self.workflow = self.engine.load(replace(file, fields_schema=schema))
        self.kind = self.engine.call(self.workflow.tickets.get)
        self.boss = self.ours.admin
        self.reviewer = self.engine.person("Rita")
        self.client = logged_in(self.boss)
        self.new = f"/tickets/new/{self.kind.pk}/"

    def send(self, path: str, data: dict[str, Any]) -> Any:
        """Post a form, run what follows from its commit, and return the page."""
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(path, data, follow=True)

    def submit(self, **data: Any) -> Any:
        """Submit a ticket and return the page that follows."""
        return self.send(self.new, {"subject": "S", "_form_token": str(uuid4()), **data})

    def ticket(self) -> TicketInstance:
        """Return the newest ticket."""
        found: TicketInstance = self.engine.call(
            lambda: TicketInstance.objects.select_related("workflow_instance").latest("pk")
        )
        return found

    def data(self) -> dict[str, Any]:
        """Return the data of the newest ticket."""
        data: dict[str, Any] = self.ticket().workflow_instance.data
        return data

    def texts(self, page: Any) -> dict[str, Any]:
        """Return what a browser sends for the form of a page, if nobody touches it."""
        bound = page.context["form"]
        found: dict[str, Any] = {}
        for name, control in bound.fields.items():
            text = control.widget.format_value(bound[name].value())
            texts = [
                str(each).replace("\n", "\r\n") for each in (text if isinstance(text, list) else [text or ""])
            ]
            found[name] = (
                texts if control.widget.__class__.__name__.startswith(("Check", "Files")) else texts[0]
            )
        return found


class TypedTests(ValuesTestCase):
    def test_what_is_typed_is_stored_as_it_was_meant(self) -> None:
        page = self.submit(
            weight="12,75",
            price="1.234,5",
            from_day="3.2.2027",
            opens="7.30 pm",
            meets="3 February 2027, 9:20",
            log="\r\n\tindented\r\n  more  \r\n",
            extras=["Milk, sugar", "Two\r\nlines"],
            kind="One\r\nand two",
        )
        self.assertEqual(page.status_code, 200)
        expected = {"weight": 12.75, "price": 1234.5, "from_day": "2027-02-03", "opens": "19:30"}
        expected |= {
            "log": "\tindented\n  more",
            "extras": ["Milk, sugar", "Two\nlines"],
            "kind": "One\nand two",
        }
        data = self.data()
        self.assertEqual({name: data[name] for name in expected}, expected)
        for words in ("12.75", "1,234.50", "3 February 2027", "Milk, sugar<br>Two\nlines"):
            self.assertContains(page, words)

    def test_what_cant_be_read_is_refused_and_stays(self) -> None:
        for name, text in (
            *(
                ("weight", "12,750"),
                ("weight", "12abc"),
                ("price", "1_0"),
                ("from_day", "0203"),
                ("opens", "09"),
            ),
            *(("meets", "2027-02-03"), ("meets", "9999-12-31T23:59"), ("from_day", "0027-02-03")),
        ):
            with self.subTest(name, text=text):
                page = self.submit(**{name: text, "kind": "One\r\nand two"})
                self.assertEqual(list(page.context["form"].errors), [name])
                self.assertContains(page, f'value="{text}"')
                self.assertContains(page, "checked")
        self.assertEqual(self.engine.call(TicketInstance.objects.count), 0)

    def test_nothing_that_can_be_seen_is_nothing(self) -> None:
        for text in ("\u200b", "\u2060\ufeff", "\u3164", "\u2800 \u00ad", "\u034f", "\u2066\u2069"):
            with self.subTest(ascii(text)):
                page = self.submit(subject=text)
                self.assertEqual(page.context["form"].errors, {"subject": ["Please fill this in."]})
        self.submit(subject="\U0001f469\u200d\U0001f467", log="\u200b", weight="\u200b", from_day="\ufeff")
        self.assertEqual(self.data(), {"subject": "\U0001f469\u200d\U0001f467"})


class UntouchedTests(ValuesTestCase):
    """A form whose controls nobody touched changes nothing, whatever stands there."""

    def setUp(self) -> None:
        super().setUp()
        paper = SimpleUploadedFile("plan.txt", b"A plan")
        self.submit(reviewer=str(self.reviewer.pk), papers=paper)
        self.stored = {**self.data(), **STORED}
        ticket = self.ticket()
        # As another system writes it.
        self.engine.as_person(self.boss, lambda: edit_data(ticket, values=STORED, by=self.boss))
        self.edit = f"/manage/tickets/{self.ticket().number}/edit/"
        self.reviewer.is_active = False
        self.engine.call(lambda: self.reviewer.save(update_fields=["is_active"]))

    def step(self) -> dict[str, str]:
        return {"_step": str(self.ticket().workflow_instance.step)}

    def test_an_edit_of_one_field_changes_this_one(self) -> None:
        page = self.client.get(self.edit)
        self.assertContains(page, "Rita Tester (deactivated)")
        for only, weight in (({"weight": "2"}, 2), ({**self.texts(page), "weight": "3,5"}, 3.5)):
            self.send(self.edit, {**only, **self.step()})
            self.assertEqual(self.data(), {**self.stored, "weight": weight})

    def test_boxes_without_a_tick_empty_a_field_that_was_shown(self) -> None:
        ticked = {
            name for name, texts in self.texts(self.client.get(self.edit)).items() if isinstance(texts, list)
        }
        for name in sorted(ticked):
            self.send(self.edit, {"_fields": name, **self.step()})
        self.assertEqual(self.data(), {name: self.stored[name] for name in self.stored.keys() - ticked})

    def test_a_second_look_at_changed_data_keeps_what_others_changed(self) -> None:
        mine, step = self.texts(self.client.get(self.edit)), self.step()
        self.send(self.edit, {**mine, "price": "8", **step})
        page = self.send(self.edit, {**mine, "weight": "2", **step})
        self.assertContains(page, "The data has changed since you opened this page.")
        self.assertContains(page, 'value="8.00"')
        self.send(self.edit, {**self.texts(page), **self.step()})
        self.assertEqual(self.data(), {**self.stored, "weight": 2, "price": 8})

    def test_an_untouched_edit_changes_nothing(self) -> None:
        before = self.step()
        self.send(self.edit, {**self.texts(self.client.get(self.edit)), **before})
        self.assertEqual((self.data(), self.step()), (self.stored, before))

    def test_a_value_that_stands_there_can_be_changed(self) -> None:
        self.send(self.edit, {"reviewer": str(self.boss.pk), **self.step()})
        self.assertEqual(self.data()["reviewer"], str(self.boss.pk))
        # Nobody else may be given to somebody who is gone.
        page = self.send(self.edit, {"reviewer": str(self.reviewer.pk), **self.step()})
        self.assertEqual(list(page.context["form"].errors), ["reviewer"])
        self.assertContains(page, "What you chose is no longer offered. Choose again.")

    def test_a_form_that_is_done_again_writes_what_stands_there(self) -> None:
        look = self.engine.call(lambda: TaskInstance.objects.get(task_definition__title="Look"))
        self.send(f"/tasks/{look.pk}/", {"verdict": "again", "_input_version": str(look.input_version)})
        again = self.engine.call(lambda: TaskInstance.objects.get(task_definition__title="Again"))
        page = self.client.get(f"/tasks/{again.pk}/")
        self.assertContains(page, "Rita Tester (deactivated)")
        self.send(f"/tasks/{again.pk}/", {**self.texts(page), "_input_version": str(again.input_version)})
        self.assertEqual(self.data(), {**self.stored, "verdict": "again"})

    def test_a_default_that_nobody_touched_is_stored(self) -> None:
        page = self.client.get(self.new, follow=True)
        self.submit(**{**self.texts(page), "subject": "S"})
        self.assertEqual(self.data(), {"subject": "S", "opens": "08:15:00+02:00"})
