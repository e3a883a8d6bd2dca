"""Sends the e-mails of companies in processes that are killed: `python -m tests.processes.mailer FILE`.

For each line on standard input, "company moment place", a child is forked that sends what is due, and writes
the Message-IDs to the file, as a mail server would take them. It is killed before or after it has handed over
the e-mail at this place; with the moment "never" it is not. Then its exit status is printed.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import django


def main() -> None:
    """Fork a child for each line of input, one after the other."""
    django.setup()
    for line in sys.stdin:
        company_id, moment, place = line.split()
        child = os.fork()
        if not child:
            _send(int(company_id), moment, int(place))
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _send(company_id: int, moment: str, place: int) -> None:
    from django.core.mail import EmailMessage

    from workflow_ops.notifications.mailing import send_due

    handed_over = 0

    def hand_over(message: EmailMessage, **_options: Any) -> int:
        nonlocal handed_over
        handed_over += 1
        is_this = handed_over == place
        if is_this and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        with Path(sys.argv[1]).open("a") as file:
            file.write(message.extra_headers["Message-ID"] + "\n")
        if is_this and moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return 1

    with mock.patch.object(EmailMessage, "send", hand_over):
        send_due(company_id)


if __name__ == "__main__":
    main()
