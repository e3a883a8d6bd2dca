"""E-mails of a site without a mail server, printed so that their links can be copied."""

from contextlib import redirect_stdout
from io import StringIO

from django.core.mail import EmailMessage
from django.test import SimpleTestCase

from ticketflower.console_mail import EmailBackend


class ConsoleMail(SimpleTestCase):
    """The output of the worker."""

    def test_long_links_stay_whole(self) -> None:
        link = "http://127.0.0.1:8000/users/invitations/accept/" + "x=" * 200
        message = EmailMessage(subject="Join “Ours”", body=f"Grüße\n{link}\n", to=["guest@new.example"])
        with redirect_stdout(StringIO()) as printed:
            self.assertEqual(EmailBackend().send_messages([message]), 1)
        for text in (link, "Grüße", "guest@new.example", "Join “Ours”"):
            self.assertIn(text, printed.getvalue())
