"""The JSON Schema of rules and transforms, made from the table of operators."""

from typing import Any, Final

from workflow_design.definition.members import RULE
from workflow_design.definition.workflow import FIELD_NAME_PATTERN, MAX_FIELD_NAME_LENGTH
from workflow_design.engine.conditions.bounds import ARGUMENTS, SCOPED
from workflow_design.engine.conditions.validation import MAX_NAMES

Schema = dict[str, Any]

# An item of a field with several values has a number.
_FIELD: Final = rf"{FIELD_NAME_PATTERN}(\.[0-9]+)?"
_NAMES: Final[dict[str, Schema]] = {
    "rule": {"type": "string", "pattern": f"^{_FIELD}$"},
    "answer_rule": {
        "type": "string",
        "pattern": rf"^(response(\.(status|body)(\.[\s\S]*)?)?|workspace(\.{_FIELD})?)$",
    },
    "item_rule": {"type": ["string", "integer"], "minimum": 0},
}
"""What `var` and `missing` can name in rules over the workspace, an answer, or the items of a list."""


def rule_definitions() -> dict[str, Schema]:
    """Return the `$defs` of a file's schema that describe rules, each with every operator."""
    return {name: _rule(name) for name in _NAMES}


def condition() -> Schema:
    """Return the schema of a condition: a rule, which may be true or false, or null."""
    return {**RULE, "$ref": "#/$defs/rule"}


def transform(rule: str) -> Schema:
    """Return the schema of a transform, an object of rules of this kind, or null."""
    return {
        "type": ["object", "null"],
        "maxProperties": MAX_NAMES,
        "propertyNames": {"minLength": 1, "maxLength": MAX_FIELD_NAME_LENGTH},
        "additionalProperties": {"$ref": f"#/$defs/{rule}"},
    }


def _rule(kind: str) -> Schema:
    """Return the schema of a rule: a constant, a list of rules, or an object with one operator."""
    return {
        "items": {"$ref": f"#/$defs/{kind}"},
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {operator: _arguments(operator, kind) for operator in ARGUMENTS},
        "additionalProperties": False,
    }


def _arguments(operator: str, kind: str) -> Schema:
    rule, name = {"$ref": f"#/$defs/{kind}"}, _NAMES[kind]
    if operator == "var":
        return _var(name, rule, may_be_empty=kind == "item_rule")
    names = {"type": "array", "items": name}
    if operator == "missing":
        return {"anyOf": [name, names, {"type": "array", "items": names, "minItems": 1, "maxItems": 1}]}
    least, most = ARGUMENTS[operator]
    counts = {"minItems": least, **({} if most is None else {"maxItems": most})}
    if operator == "missing_some":
        return {"type": "array", "prefixItems": [rule, names], **counts}
    if operator in SCOPED:
        return {
            "type": "array",
            "prefixItems": [rule, {"$ref": "#/$defs/item_rule"}],
            "items": rule,
            **counts,
        }
    # A single argument may be written without a list.
    return {**rule, **counts} if least <= 1 else {"type": "array", **rule, **counts}


def _var(name: Schema, rule: Schema, *, may_be_empty: bool) -> Schema:
    types = [name["type"]] if isinstance(name["type"], str) else name["type"]
    empty = ["null"] if may_be_empty else []
    return {
        **name,
        "type": [*types, *empty, "array"],
        "prefixItems": [{**name, "type": [*types, *empty]}, rule],
        "minItems": 0 if may_be_empty else 1,
        "maxItems": 2,
    }
