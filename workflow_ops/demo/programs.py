"""Programs of the demo: a service account that files requests, and a colleague's export."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from users.models import CustomUser, Scope
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.token_actions import make_service_account, make_token

MAILBOX: Final = "Support mailbox"


def make_demo_programs(admin: CustomUser) -> None:
    """Make a service account that submits what comes by e-mail, and two tokens whose secrets nobody knows."""
    with admin.scope(), transaction.atomic():
        account = make_service_account(name=MAILBOX)
        give_system_roles(account, [SystemRoleName.USER])
        ends = timezone.now() + timedelta(days=180)
        make_token(account, name="Mail server", scopes=[Scope.READ, Scope.SUBMIT], expires_at=ends, by=admin)
        make_token(
            admin, name="Monthly export", scopes=[Scope.READ, Scope.COMPANY], expires_at=ends, by=admin
        )
