"""A JSON column that preserves the order of object members, unlike PostgreSQL's jsonb."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class OrderedJSONField(models.JSONField):
    """JSON stored as text, which preserves the order of members and the notation of numbers.

    The database can't query into it and does not need to. PostgreSQL's json type preserves the
    order too, but has no equality operator, which the audit triggers need.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column type."""
        return "text"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Return the value as JSON text."""
        return json.dumps(value, ensure_ascii=False)


def stored_json(field: models.JSONField, value: Any) -> Any:
    """Return the JSON value of a raw database value that was not converted by its field."""
    return json.loads(value) if isinstance(field, OrderedJSONField) and isinstance(value, str) else value
