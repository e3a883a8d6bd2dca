"""Functions that create and delete tokens, for people on pages only (`docs/programs.md`, "Tokens")."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from ticketflower.tenancy.context import current_company_id
from ticketflower.unique_names import refuse_taken_name
from users.access import is_company_admin
from users.models import AccessToken, CustomUser, PersonQuerySet, Scope
from users.tokens import PREFIX, digest_of

_BYTES = 32


class TokenRefusedError(Exception):
    """The token may not be created or deleted; the text says why."""


def make_token(
    person: CustomUser, *, name: str, scopes: Collection[str], expires_at: datetime, by: CustomUser
) -> tuple[AccessToken, str]:
    """Make a token for oneself or, as a company admin, for a service account; return it and its secret.

    The secret is stored nowhere, so this is the only time that it can be shown. Raise TokenRefusedError, or
    NameTakenError if the person has a token of this name.
    """
    if by.impersonating or by.is_superuser or by.token is not None:
        raise TokenRefusedError(_("Only people of the company can make a token, on this page."))
    if person != by and not (person.is_service_account and is_company_admin(by)):
        raise TokenRefusedError(_("A token can be made for yourself, or for a service account."))
    if person.is_service_account:
        _refuse_mixed_scopes(scopes)
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    row = AccessToken(
        person=person,
        name=name,
        digest=digest_of(secret),
        scopes=sorted(scopes),
        expires_at=expires_at,
        created_by=by,
    )
    refuse_taken_name(row.save, constraint="token_name")
    return row, secret


def _refuse_mixed_scopes(scopes: Collection[str]) -> None:
    """Refuse combinations of scopes with which a prompt injection in a ticket could do harm elsewhere."""
    if Scope.PUBLISH in scopes:
        raise TokenRefusedError(_("A service account can't publish workflows; a person does that."))
    if Scope.WORK in scopes and {Scope.DESIGN, Scope.ADMINISTER} & set(scopes):
        message = _(
            "A service account that works on tasks can't also administer tickets or change workflows: "
            "texts in tickets come from strangers. Make two accounts."
        )
        raise TokenRefusedError(message)


def may_delete_token(person: CustomUser, token: AccessToken) -> bool:
    """Return whether the person is the token's owner or a company admin, and not acting through a program."""
    return person.token is None and (token.person_id == person.pk or is_company_admin(person))


def delete_token(token: AccessToken, *, by: CustomUser) -> None:
    """Delete a token, which ends it immediately. Raise TokenRefusedError if they may not delete it."""
    if not may_delete_token(by, token):
        raise TokenRefusedError(_("Only its owner or a company admin can delete a token."))
    with transaction.atomic():
        token.delete()


# --- Service accounts ----------------------------------------------------------------


def service_accounts() -> PersonQuerySet:
    """Return the service accounts of the company, each with its `token_count`."""
    return CustomUser.objects.filter(is_service_account=True).annotate(token_count=Count("access_tokens"))


def make_service_account(*, name: str) -> CustomUser:
    """Create a service account without roles, e-mail and password. Raise NameTakenError."""
    account = CustomUser(
        company_id=current_company_id(), first_name=name, is_service_account=True, is_in_rotation=False
    )
    refuse_taken_name(account.save, constraint="service_account_name")
    return account
