"""`kill -9` of workers that send e-mails with notifications (`workflow_ops/notifications/mailing.py`)."""

import signal
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tests.processes.cases import environment
from users.system_roles import SystemRoleName
from workflow_ops.models import Notification, NotificationKind, NotificationMail, NotificationWay
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow

KILLS = (("after", 1), ("before", 1), ("after", 2), ("after", 2))
AFTER_SENDING = 3


@pytest.mark.slow
class KilledMailsTests(CommittedEngineTestCase):
    """Four people are told of a ticket by e-mail."""

    def tell(self) -> int:
        """Make the notifications, and return how many."""
        made = self.engine.load(workflow(form("Decide", "a")))
        ticket = self.engine.submit(made, a="x")
        people = [
            self.engine.person(name, system_roles=[SystemRoleName.ADMIN])
            for name in ("Ann", "Ben", "Cleo", "Dan")
        ]

        def store() -> None:
            event = ticket.timeline.latest("pk")
            for person in people:
                Notification.objects.create(
                    person=person,
                    kind=NotificationKind.HELD,
                    ticket=ticket,
                    event=event,
                    way=NotificationWay.MAIL,
                )
            Notification.objects.update(created_at=timezone.now() - timedelta(minutes=6))

        self.engine.call(store)
        return len(people)

    def let_time_pass(self) -> None:
        """Let nobody be sending any more."""
        past = timezone.now() - timedelta(minutes=6)
        self.engine.call(lambda: NotificationMail.objects.filter(sent_at=None).update(tried_at=past))

    def test_each_at_least_once_and_no_more_doubles_than_kills_after_sending(self) -> None:
        count, company = self.tell(), self.ours.company.pk
        with tempfile.TemporaryDirectory() as folder:
            taken = Path(folder) / "taken"
            command = [sys.executable, "-m", "tests.processes.mailer", str(taken)]
            with subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as mailer:
                assert mailer.stdin is not None
                assert mailer.stdout is not None
                for moment, place in (*KILLS, ("never", 0)):
                    mailer.stdin.write(f"{company} {moment} {place}\n")
                    mailer.stdin.flush()
                    status = 0 if moment == "never" else -signal.SIGKILL
                    self.assertEqual(int(mailer.stdout.readline()), status)
                    self.let_time_pass()
                mailer.stdin.close()
            sent = taken.read_text().splitlines()
        with self.ours.scope(), transaction.atomic():
            mails = list(NotificationMail.objects.all())
        self.assertEqual(len(mails), count)
        self.assertTrue(all(each.sent_at for each in mails))
        self.assertEqual(set(sent), {f"<{each.token}@127.0.0.1>" for each in mails})
        self.assertEqual(len(sent) - len(set(sent)), AFTER_SENDING)
