"""Writing of one field into the `fields_schema`.

Keywords that the form does not edit (`pattern`, `multipleOf`, …) are preserved as long as the type of
the field does not change. The order of keywords is also preserved, so that saving an unchanged form
changes nothing.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.utils.text import slugify

from workflow_design.definition.field_types import CHOICE, find_type
from workflow_design.definition.fields import ATTRIBUTES, FILTERABLE, Choice, Field, title_from_name
from workflow_design.definition.schema import FIELD_NAME

MAX_DERIVED_LENGTH: Final = 60
_CHOICES: Final = ("enum", "oneOf")
_NEW_OPTION: Final = {"const": None, "title": ""}
_EDITED: Final = ("type", "format", "title", "description", "default", "enum", "oneOf", "items", FILTERABLE)


def with_settings(schema: Mapping[str, Any], name: str, field: Field) -> dict[str, Any]:
    """Return the schema with the field as it is now; a new field is appended."""
    properties = dict(schema.get("properties", {}))
    before = resolve_keywords(schema, name) if name in properties else {}
    properties[name] = _property(name, field, before, schema)
    # Preserve the order of the list, so that an unchanged form leaves the schema unchanged.
    required = [each for each in schema.get("required", ()) if each != name or field.required]
    if field.required and name not in required:
        required.append(name)
    changed = {"type": "object", **schema, "properties": properties}
    return {**changed, "required": required} if required or "required" in schema else changed


def resolve_keywords(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the keywords of a field, including those of a schema that it references."""
    return _resolved(schema["properties"][name], schema)


def derive_name(title: str, *, taken: Collection[str]) -> str:
    """Derive a field name from a title: lowercase letters, digits and “_”, and not in `taken`."""
    plain = slugify(title).replace("-", "_").strip("_")[:MAX_DERIVED_LENGTH].strip("_")
    base = plain if FIELD_NAME.fullmatch(plain) else f"field_{plain}".rstrip("_")
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def derive_value(label: str) -> str:
    """Derive the stored value of a choice from its label."""
    return slugify(label).replace("-", "_") or label


def _resolved(declared: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    reference = declared.get("$ref")
    if reference is None:
        return dict(declared)
    target = schema["$defs"][reference.removeprefix("#/$defs/")]
    own = {keyword: value for keyword, value in declared.items() if keyword != "$ref"}
    return {**_resolved(target, schema), **own}


def _property(
    name: str, field: Field, before: Mapping[str, Any], schema: Mapping[str, Any]
) -> dict[str, Any]:
    items = _resolved(before["items"], schema) if "items" in before else {}
    # Keywords of another type would be invalid, so a changed type discards them.
    same_type = bool(before) and find_type(before, items) is field.type
    new: dict[str, Any] = dict(field.type.spelling)
    # The title of an untitled field is derived from its name; do not store it.
    if "title" in before or not before or field.title != title_from_name(name):
        new["title"] = field.title or None
    new |= {"description": field.help_text} if field.help_text else {}
    new |= {keyword: getattr(field, ATTRIBUTES[keyword]) for keyword in field.type.limits}
    if field.type.item:
        new |= _with_items(field, items if same_type else {})
    elif field.type is CHOICE:
        new |= _choice_keywords(field.choices, before if same_type else {})
        new["type"] = before.get("type") if same_type else "string"
    new["default"] = field.default
    new[FILTERABLE] = field.is_filterable or None
    if field.type.is_typed:
        new["examples"] = list(field.examples) or None
    # Preserve the keywords that the form does not edit, and the order of all keywords.
    edited = (*_EDITED, *field.type.limits, *(["examples"] if field.type.is_typed else []))
    preserved = {key: value for key, value in before.items() if same_type and key not in edited}
    merged = {**preserved, **{key: value for key, value in new.items() if value is not None}}
    return {key: merged[key] for key in [*before, *merged] if key in merged}


def _with_items(field: Field, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords of a list; `before` described its items."""
    if field.type.base is not CHOICE:
        return {"items": before or field.type.base.spelling}
    offered = _choice_keywords(field.choices, before)
    if not before:
        return {"items": {"type": "string", **offered}, "uniqueItems": True}
    items = {**before, **offered}
    return {"items": {key: value for key, value in items.items() if key in offered or key not in _CHOICES}}


def _choice_keywords(choices: Collection[Choice], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choices as `enum` if the labels are the values themselves, otherwise as `oneOf`."""
    has_labels = any(choice.has_label for choice in choices)
    if not has_labels and "oneOf" not in before:
        return {"enum": [choice.value for choice in choices]}
    known = {option["const"]: option for option in before.get("oneOf", ())}
    return {"oneOf": [_one_of(choice, known.get(choice.value, _NEW_OPTION)) for choice in choices]}


def _one_of(choice: Choice, before: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**before, "const": choice.value, "title": choice.label}
    # The label was only a fallback for a missing title; do not store it.
    if "title" not in before and not choice.has_label:
        del merged["title"]
    return {key: merged[key] for key in before if key in merged}
