"""Who acts, and in which company: the one place that sets both walls.

`company_scope()` narrows every query of the program to one company (django-scopes) and
tells the database, at the start of each transaction, which rows it may show and who is
acting (`set_config(…, is_local=true)`; the policies and the audit triggers read it).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django_scopes import scope, scopes_disabled
from django_scopes.state import state as program_wall
from psycopg.pq import TransactionStatus


class WallError(RuntimeError):
    """The program was about to step over the wall between two companies."""


@dataclass(frozen=True, slots=True)
class Acting:
    """What the database is told about a transaction: all ids are those of rows in `users`."""

    company_id: int | None = None
    person_id: int | None = None
    impersonator_id: int | None = None
    all_companies: bool = False


NOBODY = Acting()
_acting: ContextVar[Acting] = ContextVar("acting", default=NOBODY)

_TELL = (
    "SELECT set_config('app.company_id', %s, true), set_config('app.person_id', %s, true), "
    "set_config('app.impersonator_id', %s, true), set_config('app.all_companies', %s, true)"
)


def acting() -> Acting:
    """Who acts now; `NOBODY` outside any scope."""
    return _acting.get()


def current_company_id() -> int | None:
    """The id of the company whose scope is open, which new rows get by default, or None."""
    return _acting.get().company_id


def tell_database(connection: BaseDatabaseWrapper) -> None:
    """Set the second wall for the transaction that is open on `connection`: one statement."""
    who = _acting.get()
    with connection.cursor() as cursor:
        cursor.execute(
            _TELL,
            [
                str(who.company_id or ""),
                str(who.person_id or ""),
                str(who.impersonator_id or ""),
                "on" if who.all_companies else "",
            ],
        )


@contextmanager
def company_scope(
    company_id: int, *, person_id: int | None = None, impersonator_id: int | None = None
) -> Iterator[None]:
    """Everything inside happens in one company, behind both walls.

    Scopes of different companies do not nest: raises WallError. Inside, every query
    needs a transaction (the second wall is set for each transaction as it begins); the
    database wrapper refuses one without.
    """
    if company_id <= 0:
        raise WallError(f"{company_id!r} is no company's id")
    if _acting.get().company_id not in {None, company_id}:
        raise WallError("this is the scope of another company")
    with _act(Acting(company_id, person_id, impersonator_id)):
        yield


@contextmanager
def own_row_scope(person_id: int) -> Iterator[None]:
    """Only the person's own row is within reach: for staff, who belong to no company."""
    with _act(Acting(person_id=person_id)):
        yield


@contextmanager
def nobody_scope() -> Iterator[None]:
    """Step back out of every scope, to be nobody, with nothing within reach.

    For links that stand for themselves: whoever opens an invitation may be logged in, in
    this browser, as somebody of another company.
    """
    token = program_wall.set(None)
    try:
        with _act(NOBODY):
            yield
    finally:
        program_wall.reset(token)


@contextmanager
def all_companies_scope(*, impersonator_id: int | None = None) -> Iterator[None]:
    """Past both walls, over all companies: only the ways that docs/security.md lists use it.

    Whoever acts there is staff, whom every company's audit log names as such.
    """
    if _acting.get().company_id is not None:
        raise WallError("a company's scope can't be widened to all companies")
    with _act(Acting(impersonator_id=impersonator_id, all_companies=True)):
        yield


@contextmanager
def _act(who: Acting) -> Iterator[None]:
    token = _acting.set(who)
    connection = transaction.get_connection()
    with ExitStack() as stack:
        if who.company_id is not None:
            stack.enter_context(scope(company=who.company_id))
        elif who.all_companies:
            stack.enter_context(scopes_disabled())
        try:
            if connection.in_atomic_block:
                tell_database(connection)
            yield
        finally:
            _acting.reset(token)
            if connection.in_atomic_block and _is_usable(connection):
                tell_database(connection)


def _is_usable(connection: BaseDatabaseWrapper) -> bool:
    # In a failed transaction nothing can be set, and nothing needs to be: rolling back
    # takes the settings back as well.
    if connection.needs_rollback or connection.connection is None:
        return False
    status: TransactionStatus = connection.connection.info.transaction_status
    return status != TransactionStatus.INERROR
