"""Forms that nobody has filled in are drawn once; they are what the form itself would be."""

from functools import partial
from typing import Any

from django.template import Context

from ticketflower.drawn_forms import DrawnForm
from ticketflower.form_tags import form_fields
from users.models import Company, CustomUser
from users.tests.cases import logged_in
from workflow_design.models import TicketDefinition
from workflow_ops.comments.forms import CommentForm, new_comment_form
from workflow_ops.tests.engine_cases import PERSON, YES_NO, form, workflow
from workflow_ops.tests.work.test_task_pages import TaskTestCase
from workflow_ops.work.forms import empty_ticket_form, first_task_form, task_form, ticket_form

MONEY = {"type": "number", "format": "money"}


def draw(form: Any) -> str:
    return str(form_fields(Context(), form))


class FirstForms(TaskTestCase):
    """Of tasks and tickets."""

    def kind(self, **fields: Any) -> TicketDefinition:
        """Return a kind of ticket that asks for these fields."""
        version = self.engine.load(workflow(form("Do", "a"), ticket=" ".join(["a", *fields]), **fields))
        found: TicketDefinition = self.engine.call(lambda: version.tickets.select_related("workflow").get())
        return found

    def test_the_form_of_a_task(self) -> None:
        def compare() -> None:
            plain = task_form(self.task, by=self.wanda)
            for _time in range(2):
                drawn = first_task_form(self.task, by=self.wanda)
                assert isinstance(drawn, DrawnForm)
                self.assertEqual((drawn.html, drawn.is_multipart), (draw(plain), True))

        self.engine.call(compare)

    def test_what_was_saved_or_written_is_shown(self) -> None:
        self.browser.get(self.at)
        self.post(self.at, out="half of it", _save_draft="1")
        self.assertContains(self.browser.get(self.at), "half of it")
        other = self.engine.task(self.engine.submit(self.workflow, a="x"), "First")

        def draw_again() -> str:
            other.workflow_instance.data["out"] = "written before"
            return draw(first_task_form(other, by=self.wanda))

        html = self.engine.call(draw_again)
        self.assertIn("written before", html)

    def test_the_form_of_a_ticket_in_the_format_of_the_company(self) -> None:
        kind, sam = self.kind(cost=MONEY, sure=YES_NO), self.ours.submitter
        path = f"/tickets/new/{kind.pk}/?form=6f1c1d3e-6a52-4c9a-9d0f-111111111111"
        browser = logged_in(sam)

        def use(currency: str) -> None:
            Company.objects.filter(pk=self.ours.company.pk).update(currency=currency)

        for currency in ("EUR", "CHF"):
            self.engine.call(partial(use, currency))
            self.assertContains(browser.get(path), f">{currency}</span>")

        def compare() -> None:
            self.assertEqual(draw(empty_ticket_form(kind, by=sam)), draw(ticket_form(kind, by=sam)))
            self.assertIsInstance(empty_ticket_form(kind, by=sam), DrawnForm)

        self.engine.call(compare)

    def test_people_come_and_go(self) -> None:
        kind = self.kind(boss=PERSON)
        self.engine.call(lambda: draw(empty_ticket_form(kind, by=self.wanda)))
        self.engine.person("Newcomer", system_roles=["task_worker"])
        html = self.engine.call(lambda: draw(empty_ticket_form(kind, by=self.wanda)))
        self.assertIn("Newcomer", html)


class NewComment(TaskTestCase):
    """The form of a new comment."""

    def test_it_is_what_the_form_would_be(self) -> None:
        def compare() -> None:
            CustomUser.objects.update(first_name='<b>"Eve" & {Co}</b>')
            for person in (self.ours.submitter, self.wanda, self.admin, self.ours.submitter):
                for reads_internal in (True, False):
                    plain = CommentForm(self.ticket, by=person, reads_internal=reads_internal)
                    drawn = new_comment_form(self.ticket, by=person, reads_internal=reads_internal)
                    token = drawn.html.split('value="')[1].split('"')[0]
                    plain.initial["token"] = token
                    self.assertEqual(drawn.html, draw(plain))
                    self.assertIn("mentions", drawn.html)
                    self.assertIn("{Co}", drawn.html)

        self.engine.call(compare)

    def test_each_has_its_own_token(self) -> None:
        def tokens() -> set[str]:
            made = [new_comment_form(self.ticket, by=self.wanda, reads_internal=True) for _n in range(3)]
            return {each.html.split('value="')[1].split('"')[0] for each in made}

        self.assertEqual(len(self.engine.call(tokens)), 3)
