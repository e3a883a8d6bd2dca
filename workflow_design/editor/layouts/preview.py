"""Preview of a layout: the form, or the page for reading with sample values."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflow_design.definition.field_type import Examples
from workflow_design.definition.fields import Fields
from workflow_design.definition.layouts import LayoutError, parse_layout
from workflow_design.definition.schema import DataValidator
from workflow_design.workspace.controls import DisplayNames, FileInfo, Sources
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.reading import build_read_view

_PERSON, _FILE = "1", "sample"
_EXAMPLES: Final = Examples(date(2026, 7, 1), [_PERSON], [_FILE])


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
    data = {
        field.name: field.type.example(field, _EXAMPLES) if field.default is None else field.default
        for field in fields.values()
    }
    return _render(
        id, {"blocks": build_read_view(data, fields=fields, names=names, layout=layout, only=only)}
    )


def _render(id: str, context: dict[str, Any]) -> SafeString:
    template = get_template("workflow_design/editor/layout_preview.html")
    return SafeString(template.render(context | {"id": id}))
