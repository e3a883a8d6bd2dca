"""Whether a workspace, or what is about to be written into one, fits the fields of its workflow."""

import json
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from workflow_design.fields import Fields, is_empty
from workflow_design.problems import Problem, pointer, under
from workflow_design.schema.parsing import parse_fields
from workflow_design.schema.values import FieldValidator

KEPT_VALIDATORS = 500


class DataValidator:
    """Checks data against a `fields_schema`; made once for each, see `data_validator`."""

    __slots__ = ("_validators", "fields")

    def __init__(self, schema: Any) -> None:
        """Raise SchemaError if the schema itself is not allowed."""
        self.fields: Fields = parse_fields(schema)
        self._validators = {name: FieldValidator(field) for name, field in self.fields.items()}

    def problems(self, data: Any, *, required: Collection[str] = ()) -> list[Problem]:
        """All that is wrong with `data`, clean JSON: a whole workspace, or the values of one write.

        A field that is not there is empty, which is a problem for those in `required` only: the
        `required` of the schema binds forms and answers that ask for a field, not the workspace
        (`engine.md`, "The words"). A value that means "empty" is a problem, as its key must be absent.
        """
        if not isinstance(data, dict):
            return [Problem("", _("The values of fields come as an object."), "wrong-type")]
        found = [problem for name, value in data.items() for problem in self._problems_of(name, value)]
        missing = [name for name in required if name not in data]
        return found + [Problem(pointer(name), _("This must be filled in."), "required") for name in missing]

    def _problems_of(self, name: str, value: Any) -> list[Problem]:
        where = pointer(name)
        validator = self._validators.get(name)
        if validator is None:
            return [
                Problem(where, _("There is no field “%(name)s”.") % {"name": name[:100]}, "unknown-field")
            ]
        if is_empty(value):
            return [Problem(where, _("An empty field is left out."), "empty-value")]
        return under(where, validator.problems(value))


def data_validator(schema: Any) -> DataValidator:
    """The validator of a `fields_schema`, kept for the next time; raises SchemaError."""
    try:
        text = json.dumps(schema, separators=(",", ":"))
    except (RecursionError, TypeError, ValueError):
        return DataValidator(schema)  # no JSON, and it says so
    return _kept(text)


@lru_cache(maxsize=KEPT_VALIDATORS)
def _kept(text: str) -> DataValidator:
    return DataValidator(json.loads(text))
