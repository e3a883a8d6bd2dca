"""Conversion between the settings of one field in a form and its declaration in the `fields_schema`.

Keywords that the form does not edit (`pattern`, `multipleOf`, …) are preserved as long as the type of
the field does not change. The order of keywords is also preserved, so that saving an unchanged form
changes nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import slugify

from workflow_design.definition.field_type import FieldType
from workflow_design.definition.field_types import CHOICE, TEXT, find_type
from workflow_design.definition.schema import FIELD_NAME

MAX_DERIVED_LENGTH: Final = 60


_LIMITS: Final = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
_CHOICES: Final = ("enum", "oneOf")
_NEW_OPTION: Final = {"const": None, "title": ""}
_EDITED: Final = (
    *_LIMITS,
    "type",
    "format",
    "title",
    "description",
    "default",
    "enum",
    "oneOf",
    "items",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice: its stored value and its label."""

    value: Any
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSettings:
    """The settings of a field in its form. Settings that its type does not have are None or empty."""

    title: str = ""
    field_type: FieldType = TEXT
    help_text: str = ""
    required: bool = False
    default: Any = None
    options: tuple[Option, ...] = ()
    limits: Mapping[str, int | float | None]
    """By their JSON Schema keywords."""


def read_settings(schema: Mapping[str, Any], name: str) -> FieldSettings:
    """Return the settings of a field in a valid `fields_schema`."""
    declared = resolve_keywords(schema, name)
    return FieldSettings(
        title=declared.get("title", ""),
        field_type=_detect_type(declared, schema),
        help_text=declared.get("description", ""),
        required=name in schema.get("required", ()),
        default=declared.get("default"),
        options=tuple(_read_options(_choice_source(declared, schema))),
        limits={keyword: declared.get(keyword) for keyword in _LIMITS},
    )


def with_settings(schema: Mapping[str, Any], name: str, settings: FieldSettings) -> dict[str, Any]:
    """Return the schema with these settings of the field; a new field is appended."""
    properties = dict(schema.get("properties", {}))
    before = resolve_keywords(schema, name) if name in properties else {}
    properties[name] = _property(settings, before, schema)
    # Preserve the order of the list, so that an unchanged form leaves the schema unchanged.
    required = [each for each in schema.get("required", ()) if each != name or settings.required]
    if settings.required and name not in required:
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


def has_numeric_choices(schema: Mapping[str, Any], name: str) -> bool:
    """Return whether the field's choices are numbers."""
    source = _choice_source(resolve_keywords(schema, name), schema)
    values = [option.value for option in _read_options(source)]
    return bool(values) and not isinstance(values[0], str)


def _resolved(declared: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    reference = declared.get("$ref")
    if reference is None:
        return dict(declared)
    target = schema["$defs"][reference.removeprefix("#/$defs/")]
    own = {keyword: value for keyword, value in declared.items() if keyword != "$ref"}
    return {**_resolved(target, schema), **own}


def _detect_type(declared: Mapping[str, Any], schema: Mapping[str, Any]) -> FieldType:
    items = _resolved(declared["items"], schema) if "items" in declared else None
    return find_type(declared, items) or TEXT


def _choice_source(declared: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object that contains the choices: the field, or the items of its list."""
    return _resolved(declared["items"], schema) if "items" in declared else dict(declared)


def _read_options(source: Mapping[str, Any]) -> list[Option]:
    if "enum" in source:
        return [Option(value=value, label=str(value)) for value in source["enum"]]
    return [
        Option(value=option["const"], label=option.get("title", str(option["const"])))
        for option in source.get("oneOf", ())
    ]


def _property(
    settings: FieldSettings, before: Mapping[str, Any], schema: Mapping[str, Any]
) -> dict[str, Any]:
    field_type = settings.field_type
    # Keywords of another type would be invalid, so a changed type discards them.
    same_kind = bool(before) and _detect_type(before, schema) is field_type
    new: dict[str, Any] = dict(field_type.spelling)
    texts = {"title": settings.title, "description": settings.help_text}
    new |= {keyword: text for keyword, text in texts.items() if text}
    new |= {keyword: limit for keyword, limit in settings.limits.items() if limit is not None}
    if field_type.base is CHOICE or field_type.item:
        new |= _with_choices(settings, _choice_source(before, schema) if same_kind else {})
    if field_type is CHOICE and same_kind:
        new["type"] = before.get("type")
    if settings.default is not None:
        new["default"] = settings.default
    # Preserve the keywords that the form does not edit, and the order of all keywords.
    preserved = {key: value for key, value in before.items() if same_kind and key not in _EDITED}
    merged = {**preserved, **{key: value for key, value in new.items() if value is not None}}
    return {key: merged[key] for key in [*before, *merged] if key in merged}


def _with_choices(settings: FieldSettings, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords for choices or several files; `before` contained the previous ones."""
    if settings.field_type.base is not CHOICE:
        return {"items": before or settings.field_type.base.spelling}
    offered = _choice_keywords(settings.options, before)
    if settings.field_type is CHOICE:
        return offered
    if not before:
        return {"items": {"type": "string", **offered}, "uniqueItems": True}
    items = {**before, **offered}
    return {"items": {key: value for key, value in items.items() if key in offered or key not in _CHOICES}}


def _choice_keywords(options: Collection[Option], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choices as `enum` if the labels are the values themselves, otherwise as `oneOf`."""
    has_labels = any(option.label != str(option.value) for option in options)
    if not has_labels and "oneOf" not in before:
        return {"enum": [option.value for option in options]}
    known = {option["const"]: option for option in before.get("oneOf", ())}
    return {"oneOf": [_one_of(option, known.get(option.value, _NEW_OPTION)) for option in options]}


def _one_of(option: Option, before: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**before, "const": option.value, "title": option.label}
    # The label was only a fallback for a missing title; do not store it.
    if "title" not in before and option.label == str(option.value):
        del merged["title"]
    return {key: merged[key] for key in before if key in merged}
