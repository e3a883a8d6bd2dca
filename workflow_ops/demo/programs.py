"""Programs of the demo: service accounts that file requests and help IT, and a colleague's export."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from users.models import CompanyRole, CustomUser, Scope, TokenInUse
from users.people import give_company_roles
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.token_actions import make_service_account, make_token
from workflow_ops.demo.acts import EMPLOYEE, ask_it, open_task
from workflow_ops.desk import actions
from workflow_ops.work import submissions

MAILBOX: Final = "Support mailbox"
ASSISTANT: Final = "Help desk assistant"


def make_demo_programs(admin: CustomUser) -> None:
    """Create service accounts, tokens with unknown secrets, and a prepared answer that waits for a person.

    One account submits requests that come by e-mail, the other one prepares answers for IT.
    """
    with admin.scope(), transaction.atomic():
        account = make_service_account(name=MAILBOX)
        give_system_roles(account, [SystemRoleName.USER])
        ends = timezone.now() + timedelta(days=180)
        make_token(account, name="Mail server", scopes=[Scope.READ, Scope.SUBMIT], expires_at=ends, by=admin)
        make_token(
            admin, name="Monthly export", scopes=[Scope.READ, Scope.COMPANY], expires_at=ends, by=admin
        )
    _prepare_an_answer(admin, ends)


def _prepare_an_answer(admin: CustomUser, ends: datetime) -> None:
    ticket = ask_it(EMPLOYEE, "Laptop does not start", "hardware", "It beeps three times and stays dark.")
    scopes = [Scope.READ, Scope.WORK]
    with admin.scope(), transaction.atomic():
        program = make_service_account(name=ASSISTANT)
        give_company_roles(program, [CompanyRole.objects.get(name="IT").pk])
        token, _secret = make_token(program, name="Night run", scopes=scopes, expires_at=ends, by=admin)
        actions.assign_task(open_task(ticket, "Help"), to=program, by=admin)
        program = CustomUser.objects.select_related("company").get(pk=program.pk)
    program.token = TokenInUse(token.pk, token.name, frozenset(scopes), 1, 1, ends)
    with program.scope(), transaction.atomic():
        task = open_task(ticket, "Help")
        submissions.complete_task(
            task,
            values={"outcome": "question", "it_note": "Did anybody open it lately, to add memory?"},
            input_version=task.input_version,
            note="Three beeps mean that the memory is not found: manual, page 41.",
            by=program,
        )
