"""The current actor and company, from which both walls are set.

`company_scope()` restricts every query of the program to one company (django-scopes). At the start
of each transaction, it also sets which rows the database may show and who is acting (`set_config(…,
is_local=true)`), which the policies and the audit triggers read.
"""

import secrets
import time
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
    """An attempt to cross the wall between two companies."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The context of a transaction in the database; all ids refer to rows in `users`.

    `token` is the name of the token with which a program acts for the person.
    """

    company_id: int | None = None
    person_id: int | None = None
    impersonator_id: int | None = None
    all_companies: bool = False
    token: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the audit log: everything that one request, job or command changes."""

    id: int
    way: str


PAGE, JOB, PROGRAM = "page", "job", "api"
NOBODY = Actor()
_current: ContextVar[Actor] = ContextVar("actor", default=NOBODY)
_act: ContextVar[Act | None] = ContextVar("act", default=None)

_SET_ACTOR = (
    "SELECT set_config('app.company_id', %s, true), set_config('app.person_id', %s, true), "
    "set_config('app.impersonator_id', %s, true), set_config('app.all_companies', %s, true), "
    "set_config('app.act', %s, true), set_config('app.way', %s, true), set_config('app.token', %s, true)"
)


def first_act_id(seconds: float) -> int:
    """Return the lowest id of an act at this time, in seconds since 1970. Ids are ordered by time."""
    return int(seconds * 1_000_000) << 10


@contextmanager
def one_act(way: str) -> Iterator[None]:
    """Record everything that is changed inside as one act, across transactions and scopes."""
    # The random part keeps acts apart that begin in the same microsecond.
    token = _act.set(Act(first_act_id(time.time()) + secrets.randbelow(1 << 10), way))
    try:
        yield
    finally:
        _act.reset(token)


def current_actor() -> Actor:
    """Return the current actor; `NOBODY` outside any scope."""
    return _current.get()


def current_company_id() -> int | None:
    """Return the id of the company whose scope is open, or None; the default for new rows."""
    return _current.get().company_id


def set_database_actor(connection: BaseDatabaseWrapper) -> None:
    """Set the second wall and the act for the open transaction of `connection`, in one statement."""
    actor, act = _current.get(), _act.get()
    with connection.cursor() as cursor:
        cursor.execute(
            _SET_ACTOR,
            [
                str(actor.company_id or ""),
                str(actor.person_id or ""),
                str(actor.impersonator_id or ""),
                "on" if actor.all_companies else "",
                str(act.id) if act else "",
                act.way if act else "",
                actor.token,
            ],
        )


@contextmanager
def company_scope(
    company_id: int, *, person_id: int | None = None, impersonator_id: int | None = None, token: str = ""
) -> Iterator[None]:
    """Restrict everything inside to one company, with both walls.

    Scopes of different companies can't be nested; raise WallError. Every query inside needs a
    transaction, because the second wall is set when a transaction starts; the database wrapper
    refuses others.
    """
    if company_id <= 0:
        raise WallError(f"{company_id!r} is not the id of a company")
    if _current.get().company_id not in {None, company_id}:
        raise WallError("a scope of another company is already open")
    with _act_as(Actor(company_id, person_id, impersonator_id, token=token)):
        yield


@contextmanager
def own_row_scope(person_id: int) -> Iterator[None]:
    """Restrict everything inside to the person's own row, for staff, who belong to no company."""
    with _act_as(Actor(person_id=person_id)):
        yield


@contextmanager
def nobody_scope() -> Iterator[None]:
    """Leave every scope, so that no row can be reached inside.

    This is for links that work without a log-in: a person who opens an invitation may be logged in,
    in the same browser, as a user of another company.
    """
    token = program_wall.set(None)
    try:
        with _act_as(NOBODY):
            yield
    finally:
        program_wall.reset(token)


@contextmanager
def all_companies_scope(*, impersonator_id: int | None = None) -> Iterator[None]:
    """Bypass both walls, over all companies. Only the cases listed in docs/security.md may use this.

    Changes are recorded as those of staff in every company's audit log.
    """
    if _current.get().company_id is not None:
        raise WallError("a company's scope can't be widened to all companies")
    with _act_as(Actor(impersonator_id=impersonator_id, all_companies=True)):
        yield


@contextmanager
def _act_as(actor: Actor) -> Iterator[None]:
    token = _current.set(actor)
    connection = transaction.get_connection()
    with ExitStack() as stack:
        if _act.get() is None:  # a job or a command; a request has begun its act already
            stack.enter_context(one_act(JOB))
        if actor.company_id is not None:
            stack.enter_context(scope(company=actor.company_id))
        elif actor.all_companies:
            stack.enter_context(scopes_disabled())
        try:
            if connection.in_atomic_block:
                set_database_actor(connection)
            yield
        finally:
            _current.reset(token)
            # The transaction may continue after the scope, so it needs the outer actor again.
            if connection.in_atomic_block and _is_usable(connection):
                set_database_actor(connection)


def _is_usable(connection: BaseDatabaseWrapper) -> bool:
    # A failed transaction accepts no statements. It does not need the settings either, because
    # rolling back also resets them.
    if connection.needs_rollback or connection.connection is None:
        return False
    status: TransactionStatus = connection.connection.info.transaction_status
    return status != TransactionStatus.INERROR
