"""The fields of a workflow as it stores them, in JSON Schema: read, refused, and held against data."""

from workflow_design.schema.data import DataValidator, data_validator
from workflow_design.schema.parsing import FIELD_NAME, SchemaError, parse_fields

__all__ = ["FIELD_NAME", "DataValidator", "SchemaError", "data_validator", "parse_fields"]
