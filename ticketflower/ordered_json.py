"""A column of JSON whose members keep their order, which PostgreSQL's jsonb does not do."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class OrderedJSONField(models.JSONField):
    """JSON as the text that was written: objects keep the order of their members, numbers their form.

    The database can't look into it, and does not need to. (PostgreSQL's type json would keep
    the order too, but has no equality, which the audit triggers ask for.)
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """A column of text."""
        return "text"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """The value as JSON text."""
        return json.dumps(value, ensure_ascii=False)


def stored_json(field: models.JSONField, value: Any) -> Any:
    """The JSON value behind what the database said of a column, where no field has read it."""
    return json.loads(value) if isinstance(field, OrderedJSONField) and isinstance(value, str) else value
