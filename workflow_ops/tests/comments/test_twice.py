"""A comment whose form is sent twice."""

from functools import partial

from django.db import transaction

from users.models import CustomUser
from users.tests.at_once import at_once
from workflow_ops.comments.writing import add_comment
from workflow_ops.models import Comment
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow


class SentTwice(CommittedEngineTestCase):
    """The same comment of the same person within seconds is one; all else are two."""

    def say(self, person: CustomUser, text: str = "It is here") -> int:
        with person.scope():
            return add_comment(self.ticket, text=text, by=person).pk

    def test_twice_at_once(self) -> None:
        self.ticket = self.engine.submit(self.engine.load(workflow(form("Do", "a"))), a="x")
        first = at_once(*[partial(self.say, self.ours.submitter)] * 4)
        self.assertEqual(len(set(first)), 1)
        self.assertEqual(self.say(self.ours.submitter, " It is here\n"), first[0])
        self.assertNotEqual(self.say(self.ours.submitter, "It is there"), first[0])
        self.assertNotEqual(self.say(self.ours.admin), first[0])
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(Comment.objects.count(), 3)
