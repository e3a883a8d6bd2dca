"""What was meant by names, types, formats and keywords in a fields_schema that are unknown."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.check.fixes import names
from workflow_design.check.fixes.names import find_meant
from workflow_design.check.fixes.place import Place, did_you_mean, write
from workflow_design.definition.field_types import FIELD_TYPES
from workflow_design.definition.fields import ATTRIBUTES
from workflow_design.definition.workflow import FORMAT


def fix_bad_name(place: Place) -> str:
    """Return the name in the form that names have."""
    return did_you_mean(names.plain_name(place.name))


def fix_unknown_type(place: Place) -> str:
    """Return how the kind of field that was meant is written."""
    written = place.value[0] if isinstance(place.value, list) and place.value else place.value
    if place.name == "items" or not isinstance(written, str):
        return ""
    if isinstance(place.value, list):
        return _('Write "type": "%(name)s": who must fill it in is said by “required”.') % {"name": written}
    if written == "object":
        return _("Fields are not nested: give each its own name in “properties”.")
    known = {each.json_type for each in FIELD_TYPES.values()}
    if meant := find_meant(written, known, names.TYPES):
        return did_you_mean(meant)
    if plain := find_meant(written, _FORMATS, names.FORMATS):
        kind = next(each for each in FIELD_TYPES.values() if each.format == plain)
        return write(kind.spelling)
    return write({"enum": ["…"]}) if written.casefold() in _CHOICES else ""


_FORMATS: Final = [each.format for each in FIELD_TYPES.values() if each.format]
_CHOICES: Final = ("enum", "choice", "select", "dropdown", "radio", "option", "options")


def fix_unknown_format(place: Place) -> str:
    """Return the format that was meant."""
    if len(place.path) == 1:
        return write(FORMAT)
    meant = find_meant(str(place.value), _FORMATS, names.FORMATS)
    if meant == "money":
        return write({"type": "number", "format": meant})
    return did_you_mean(meant)


def fix_unknown_keyword(place: Place) -> str:
    """Return the keyword that was meant, or where it belongs."""
    plain = names.plain_name(place.name)
    given = place.parent if isinstance(place.parent, dict) else {}
    if plain in _ADVICE:
        return str(_ADVICE[plain])
    if plain in ("enum_names", "enum_titles", "enum_labels", "labels", "x_enum_names"):
        return write({"oneOf": _with_titles(given.get("enum"), place.value)})
    if plain == "const":
        return write({"enum": [place.value]})
    if place.path[1:2] != ("properties",) and isinstance(place.value, dict) and "type" in place.value:
        return write({"type": "object", "properties": {place.name: {"type": place.value["type"]}}})
    known = ("title", "description", "default", "examples", "enum", "oneOf", "format", "items", *ATTRIBUTES)
    if place.name in known:
        return str(_NO_LIMIT) if str(given.get("format", "")).startswith(("date", "time")) else ""
    return did_you_mean(find_meant(place.name, [each for each in known if each not in given], names.KEYWORDS))


_OPTIONAL: Final = gettext_lazy("Remove it: a field that “required” does not list may stay empty.")
_NO_LIMIT: Final = gettext_lazy("Remove it: dates have no limits. Let a condition compare the date.")
_ADVICE: Final = {
    "required": gettext_lazy("Remove it here, and list the field in the “required” of the fields_schema."),
    "any_of": gettext_lazy("Write “oneOf”, with a const and a title for each choice."),
    **dict.fromkeys(("nullable", "optional"), _OPTIONAL),
    **dict.fromkeys(("format_minimum", "format_maximum", "min_date", "max_date"), _NO_LIMIT),
}


def _with_titles(values: Any, titles: Any) -> list[dict[str, Any]]:
    """Return choices with labels; names of choices are given in the order of their values or by value."""
    listed = values if isinstance(values, list) else ["…"]
    labels = [titles.get(str(each), each) for each in listed] if isinstance(titles, dict) else titles
    if not isinstance(labels, list) or len(labels) != len(listed):
        labels = ["…"] * len(listed)
    return [{"const": value, "title": label} for value, label in zip(listed, labels, strict=True)]
