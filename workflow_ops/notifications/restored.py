"""A restored database has numbers of transactions from its former server (`docs/operations.md`, "Backup").

A new server counts from the beginning. Whatever happens there would lie before the places up to which events
have been read, so nobody would be told of it. Hence `migrate` moves the stored numbers below the server's.
"""

from __future__ import annotations

from typing import Final

import structlog
from django.db import connection, transaction

log = structlog.get_logger(__name__)

_HAS_TABLES: Final = "SELECT to_regclass('workflow_ops_webhook') IS NOT NULL"
# Company by company, since the index of the timeline begins with the company.
_NEWEST: Final = """
    SELECT greatest(
        (SELECT max(newest) FROM users_company AS company, LATERAL (
            SELECT max(transaction) AS newest FROM workflow_ops_timelineevent WHERE company_id = company.id
        ) AS events),
        (SELECT max(transaction) FROM workflow_ops_eventcursor),
        (SELECT max(greatest(since, until)) FROM workflow_ops_webhook)
    ), pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""
_MOVE: Final = (
    "UPDATE workflow_ops_timelineevent SET transaction = transaction - %s",
    "UPDATE workflow_ops_eventcursor SET transaction = transaction - %s",
    "UPDATE workflow_ops_webhook SET since = since - %s, until = until - %s",
)


def renumber_transactions() -> bool:
    """Move the stored numbers of transactions below those of this server, if they are not. Return whether.

    Their order stays, so events that had not been read still will be. Call this as the owner of the tables,
    after each migration.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HAS_TABLES)
        if not cursor.fetchone()[0]:  # all migrations were undone
            return False
        cursor.execute(_NEWEST)
        newest, following = cursor.fetchone()
        if newest is None or newest < following:
            return False
        for statement in _MOVE:
            cursor.execute(statement, [newest] * statement.count("%s"))
    log.info("transactions_renumbered", by=newest)
    return True
