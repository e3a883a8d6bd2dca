"""Preview of a layout: the form, or the page for reading with sample values."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflow_design.definition.fields import Field, FieldKind, Fields, TextFormat
from workflow_design.definition.layouts import LayoutError, parse_layout
from workflow_design.definition.schema import DataValidator
from workflow_design.workspace.controls import FileInfo, Sources
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.reading import DisplayNames, build_read_view

_TEXTS: Final = {
    TextFormat.EMAIL: "hanna@example.com",
    TextFormat.URI: "https://example.com/",
    TextFormat.DATE: "2026-07-01",
    TextFormat.TIME: "09:30",
    TextFormat.DATE_TIME: "2026-07-01T09:30:00Z",
}
_PERSON, _FILE = "1", "sample"


def form_preview(layout: Any, *, names: Sequence[str], validator: DataValidator, id: str) -> SafeString:
    """Return a preview of the form, which cannot be filled in, or a note if the layout is invalid."""
    try:
        form = WorkspaceForm(
            validator=validator,
            names=names,
            layout=layout,
            sources=Sources(people=list, files=lambda _ids: {}),
        )
    except LayoutError:
        return _render(id, {"is_unfinished": True})
    # Its own names and ids, so that they don't clash with those of the form around it.
    form.prefix, form.auto_id = id, "%s"
    return _render(id, {"form": form})


def reading_preview(layout: Any, *, fields: Fields, only: Sequence[str], id: str) -> SafeString:
    """Return a preview of the page for reading, with sample values."""
    try:
        parse_layout(layout, fields=tuple(fields), exactly_once=False)
    except LayoutError:
        return _render(id, {"is_unfinished": True})
    sample = FileInfo(id=_FILE, name=_("offer.pdf"), url="#", size=0)
    names = DisplayNames(people={_PERSON: _("Hanna Berg")}, files={_FILE: sample})
    data = {field.name: sample_value(field) for field in fields.values()}
    return _render(
        id, {"blocks": build_read_view(data, fields=fields, names=names, layout=layout, only=only)}
    )


def sample_value(field: Field) -> Any:
    """Return a plausible value of the field."""
    if field.default is not None:
        return field.default
    if field.choices:
        values = [choice.value for choice in field.choices]
        return values[:2] if field.kind.holds_several else values[0]
    if field.kind in (FieldKind.NUMBER, FieldKind.INTEGER):
        # 12, or the nearest number within the bounds.
        least, most = field.minimum or 0, field.maximum
        return min(max(12, least), most) if most is not None else max(12, least)
    return _SAMPLES[field.kind](field)


_SAMPLES: Final[dict[FieldKind, Callable[[Field], Any]]] = {
    FieldKind.TEXT: lambda field: (field.format and _TEXTS.get(field.format)) or _("Sample text"),
    FieldKind.YES_NO: lambda _field: True,
    FieldKind.USER: lambda _field: _PERSON,
    FieldKind.FILE: lambda _field: _FILE,
    FieldKind.FILES: lambda _field: [_FILE],
}


def _render(id: str, context: dict[str, Any]) -> SafeString:
    template = get_template("workflow_design/editor/layout_preview.html")
    return SafeString(template.render(context | {"id": id}))
