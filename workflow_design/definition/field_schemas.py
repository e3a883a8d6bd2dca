"""The JSON Schema of a `fields_schema`, made from the types of field (`docs/workflow-format.md`)."""

from typing import Any, Final

from workflow_design.definition.field_types import CHOICE, FIELD_TYPES
from workflow_design.definition.fields import FILTERABLE, FieldType
from workflow_design.definition.schema import (
    CSRF_FIELD_NAME,
    DIALECT,
    MAX_EXAMPLES,
    MAX_HELP_LENGTH,
)
from workflow_design.definition.schema_reader import (
    KEYWORDS_BESIDE_REFERENCE,
    MAX_CHOICES,
    MAX_COUNT,
    MAX_PATTERN_LENGTH,
    REFERENCE,
)
from workflow_design.definition.workflow import FIELD_NAME_PATTERN, MAX_TITLE_LENGTH

Schema = dict[str, Any]


def _text(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}


_NUMBER: Final = {"type": "number"}
_COUNT: Final = {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}
_MOST: Final = {**_COUNT, "minimum": 1}
_ANYTHING: Final[Schema] = {}
_KEYWORDS: Final[dict[str, Schema]] = {
    "title": _text(MAX_TITLE_LENGTH),
    "description": _text(MAX_HELP_LENGTH),
    "$comment": _ANYTHING,
    "minLength": _COUNT,
    "maxLength": _MOST,
    "pattern": _text(MAX_PATTERN_LENGTH),
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "exclusiveMaximum": _NUMBER,
    "multipleOf": {**_NUMBER, "exclusiveMinimum": 0},
    "minItems": _COUNT,
    "maxItems": _MOST,
    "uniqueItems": {"const": True},
    FILTERABLE: {"const": True},
}
"""The values of the keywords that do not depend on the type of field."""
_CHOICE_VALUES: Final = {"string": _text(MAX_TITLE_LENGTH), "number": _NUMBER}
_NAMED: Final = [each for each in FIELD_TYPES.values() if each.base is not CHOICE]


def _closed(properties: Schema, *required: str, **more: Any) -> Schema:
    """Return an object with these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _annotations(value: Schema | None) -> Schema:
    """Return what every field may have; `value` describes its default, None that it has none."""
    found = {keyword: _KEYWORDS[keyword] for keyword in ("title", "description", "$comment")}
    if value is not None:
        found |= {"default": value, "examples": _examples(value)}
    return found


def _examples(value: Schema) -> Schema:
    return {"type": "array", "items": value, "minItems": 1, "maxItems": MAX_EXAMPLES}


def _value(field_type: FieldType) -> Schema | None:
    """Return what a default can be, as far as it does not depend on other keywords."""
    if not field_type.takes_default:
        return None
    blank = {"minLength": 1} if field_type.json_type == "string" else {}
    return {"type": field_type.json_type, **blank, **({"format": field_type.format} if blank else {})}


def _field(field_type: FieldType) -> Schema:
    """Return the schema of the keywords of a field whose type is named by `type` and `format`."""
    spelling = {keyword: {"const": value} for keyword, value in field_type.spelling.items()}
    keywords = {keyword: _KEYWORDS[keyword] for keyword in field_type.keywords if keyword != "items"}
    if field_type.item is not None:
        keywords["items"] = _reference_or(_items(field_type.item))
    members = {**_annotations(_value(field_type)), **spelling, **keywords}
    required = [*spelling, *(["items"] if field_type.item else [])]
    return _closed(members, *required, description=str(field_type.example_use))


def _items(item: FieldType) -> Schema:
    spelling = {keyword: {"const": value} for keyword, value in item.spelling.items()}
    return _closed({"$comment": _ANYTHING, **spelling}, *spelling)


def _choices(kind: str, *, is_item: bool = False) -> Schema:
    """Return the schema of a choice of texts or numbers; `is_item`: it describes the items of a list."""
    value = _CHOICE_VALUES[kind]
    types = [kind, *(["integer"] if kind == "number" else [])]
    labelled = _closed({"const": value, "title": _KEYWORDS["title"], "$comment": _ANYTHING}, "const")
    listed = {"type": "array", "minItems": 1, "maxItems": MAX_CHOICES}
    members = {
        **({"$comment": _ANYTHING} if is_item else _annotations(value)),
        "type": {"enum": types},
        "enum": {**listed, "items": value},
        "oneOf": {**listed, "items": labelled},
        **({} if is_item else {FILTERABLE: _KEYWORDS[FILTERABLE]}),
    }
    return _closed(members, oneOf=[{"required": ["enum"]}, {"required": ["oneOf"]}])


def _several_choices() -> Schema:
    items = [_choices(kind, is_item=True) for kind in _CHOICE_VALUES]
    value = {"type": "array", "minItems": 1, "items": {"type": ["string", "number"]}}
    counts = {keyword: _KEYWORDS[keyword] for keyword in ("uniqueItems", "minItems", "maxItems")}
    members = {**_annotations(value), "type": {"const": "array"}, "items": _reference_or(*items), **counts}
    return _closed(members, "type", "items")


def _reference_or(*schemas: Schema) -> Schema:
    reference = _closed({"$ref": _REFERENCE, "$comment": _ANYTHING}, "$ref")
    return {"anyOf": [*schemas, reference]}


_REFERENCE: Final = {"type": "string", "pattern": f"^{REFERENCE.pattern}$"}


def field_definitions() -> dict[str, Schema]:
    """Return the `$defs` of a file's schema that describe fields: "field", and one for each type."""
    named = {f"{each.name}_field": _field(each) for each in _NAMED}
    choices = {f"{kind}_choice_field": _choices(kind) for kind in _CHOICE_VALUES}
    kinds = {**named, **choices, "choices_field": _several_choices()}
    beside = {keyword: _annotations(_ANYTHING)[keyword] for keyword in KEYWORDS_BESIDE_REFERENCE}
    reference = _closed({"$ref": _REFERENCE, **beside}, "$ref")
    field = {"anyOf": [*({"$ref": f"#/$defs/{name}"} for name in kinds), reference]}
    return {"field": field, **kinds}


def fields_schema() -> Schema:
    """Return the schema of a `fields_schema`, which refers to `field_definitions`."""
    field = {"$ref": "#/$defs/field"}
    names = {"pattern": f"^{FIELD_NAME_PATTERN}$", "not": {"const": CSRF_FIELD_NAME}}
    members = {
        "$schema": {"const": DIALECT},
        "type": {"const": "object"},
        **_annotations(None),
        "properties": {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": field,
            "minProperties": 1,
        },
        "required": {"type": "array", "items": {"type": "string", **names}, "uniqueItems": True},
        "additionalProperties": {"const": False},
        "$defs": {"type": "object", "additionalProperties": field},
    }
    return _closed(members, "type", "properties")
