"""Adjusting the transaction ids of a former server in a restored database (`docs/operations.md`, "Backup").

A new server counts transactions from the beginning. Its events would come before the cursors up to which
events have been read, so nobody would be notified. So `migrate` moves the stored ids below those of the
server.
"""

from __future__ import annotations

from typing import Final

import structlog
from django.db import connection, transaction

log = structlog.get_logger(__name__)

_HAS_TABLES: Final = "SELECT to_regclass('workflow_ops_webhook') IS NOT NULL"
# Company by company, because the index of the timeline begins with the company.
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
    """Move the stored transaction ids below those of this server, if necessary. Return whether it was.

    Their order is preserved, so events that had not been read will still be. Call this as the owner of the
    tables, after each migration.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HAS_TABLES)
        if not cursor.fetchone()[0]:  # all migrations were reversed
            return False
        cursor.execute(_NEWEST)
        newest, following = cursor.fetchone()
        if newest is None or newest < following:
            return False
        for statement in _MOVE:
            cursor.execute(statement, [newest] * statement.count("%s"))
    log.info("transactions_renumbered", by=newest)
    return True
