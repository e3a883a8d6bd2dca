"""HTML of form fields, generated in Python because templates take ten times as long."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.forms.renderers import TemplatesSetting
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

Groups = list[tuple[Any, list[dict[str, Any]], int]]
"""Choices as returned by widgets: the name of a group or None, its choices, and its index."""


def draw_field(
    field: BoundField,
    *,
    css_class: str = "",
    has_label: bool = True,
    shows_errors: bool = True,
    is_inline: bool = False,
) -> SafeString:
    """Return the HTML of a field: label, help, errors, control. Choices are side by side if `is_inline`."""
    if field.is_hidden:
        return SafeString(field)
    is_refused = bool(field.errors)
    errors = _draw_errors(field) if shows_errors and is_refused else ""
    classes = " ".join(filter(None, ("tf-field", "has-error" if is_refused else "", css_class)))
    attributes = f'id="div_{as_html(field.auto_id)}" class="{classes}"'
    if isinstance(field.field.widget, forms.CheckboxInput):
        begin = f'<label class="form-check-label" for="{as_html(field.id_for_label)}">'
        check = f'<div class="form-check">{draw_control(field)}{begin}{as_html(field.label)}</label></div>'
        return SafeString(f"<div {attributes}>{errors}{check}{_draw_help(field)}</div>")
    tag = "fieldset" if field.use_fieldset else "div"
    if field.use_fieldset and field.aria_describedby:
        attributes += f' aria-describedby="{as_html(field.aria_describedby)}"'
    label = _draw_label(field) if has_label and field.label else ""
    control = _draw_main_control(field, is_inline=is_inline)
    return SafeString(f"<{tag} {attributes}>{label}{_draw_help(field)}{errors}{control}</{tag}>")


def _draw_label(field: BoundField) -> str:
    begin, end = "<legend", "</legend>"
    if not field.use_fieldset:
        begin, end = f'<label for="{as_html(field.id_for_label)}"', "</label>"
    optional = f' <span class="tf-optional">{_("(optional)")}</span>' if says_optional(field) else ""
    return f'{begin} class="form-label">{as_html(field.label)}{optional}{end}'


def says_optional(field: BoundField) -> bool:
    """Return whether the label says that the field may stay empty.

    A first choice such as "Nobody" already says so; a form may say it for all of its fields.
    """
    control = field.field
    if control.required or control.disabled or not getattr(field.form, "marks_optional", True):
        return False
    widget = control.widget
    if not isinstance(widget, forms.Select | forms.RadioSelect) or widget.allow_multiple_selected:
        return True
    value, label = next(iter(widget.choices), ("", ""))
    return value != "" or not any(sign.isalpha() for sign in str(label))


def _draw_help(field: BoundField) -> str:
    """Return the help, escaped unless the code that wrote it marked it as safe."""
    if not field.help_text:
        return ""
    key = f' id="{as_html(field.auto_id)}_helptext"' if field.auto_id else ""
    return f'<div class="form-text"{key}>{as_html(field.help_text)}</div>'


def _draw_errors(field: BoundField) -> str:
    return render_to_string("bootstrap5/layout/field_errors_block.html", {"field": field})


def _draw_main_control(field: BoundField, *, is_inline: bool) -> str:
    widget = field.field.widget
    if getattr(widget, "add", None):
        return draw_control(field)
    if isinstance(widget, forms.RadioSelect):  # includes CheckboxSelectMultiple
        return _draw_choices(field, is_inline=is_inline)
    if isinstance(widget, forms.FileInput):
        return render_to_string("bootstrap5/layout/field_file.html", {"field": field})
    return draw_control(field)


def draw_control(field: BoundField) -> SafeString:
    """Return the control of a field with the CSS classes for its kind and state."""
    control = field.field.widget
    classes = [_control_class(control), control.attrs.get("class", "")]
    if field.errors:
        classes.append("is-invalid")
    # With maxlength, browsers silently truncate a longer pasted text. The form reports an error instead.
    unlimited = {"maxlength": False} if "maxlength" in control.attrs else {}
    return field.as_widget(attrs={"class": " ".join(filter(None, classes)), **unlimited})


def _control_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, forms.Select | forms.SelectDateWidget):
        return "form-select"
    return "form-control"


def _draw_choices(field: BoundField, *, is_inline: bool) -> str:
    """Return the choices of a group, one below the other."""
    widget: Any = field.field.widget
    attributes = field.build_widget_attrs({"id": field.auto_id} if field.auto_id else {})
    groups = widget.optgroups(field.html_name, widget.format_value(field.value()), attributes)
    css_class = "form-check-input is-invalid" if field.errors else "form-check-input"
    html = "".join(_draw_boxes(groups, css_class))
    return f'<div class="tf-choices{" is-inline" if is_inline else ""}">{html}</div>'


def _draw_boxes(groups: Groups, css_class: str) -> Iterator[str]:
    for name, options, _index in groups:
        if name:
            yield f'<p class="tf-choices-head">{as_html(name)}</p>'
        for option in options:
            value, attributes = as_html(option["value"]), _attributes(option["attrs"])
            yield (
                f'<div class="form-check"><input type="{option["type"]}" class="{css_class}" '
                f'name="{as_html(option["name"])}" value="{value}"{attributes}>'
                f'<label class="form-check-label" for="{as_html(option["attrs"].get("id", ""))}">'
                f"{as_html(option['label'])}</label></div>"
            )


# --- Controls -------------------------------------------------------------------------


class Renderer(TemplatesSetting):
    """Draws inputs, text areas and selects in Python, other controls by their templates."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Return the HTML of a control."""
        draw = _DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def _draw_input(widget: Mapping[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{as_html(widget["value"])}"'
    attributes = _attributes(widget["attrs"])
    return f'<input type="{widget["type"]}" name="{as_html(widget["name"])}"{value}{attributes}>'


def _draw_text_area(widget: Mapping[str, Any]) -> str:
    value = as_html(widget["value"]) if widget["value"] else ""
    # HTML parsers drop the first line break.
    return f'<textarea name="{as_html(widget["name"])}"{_attributes(widget["attrs"])}>\n{value}</textarea>'


def _draw_select(widget: Mapping[str, Any]) -> str:
    options = "".join(_draw_options(widget["optgroups"]))
    return f'<select name="{as_html(widget["name"])}"{_attributes(widget["attrs"])}>{options}</select>'


def _draw_options(groups: Groups) -> Iterator[str]:
    for name, options, _index in groups:
        if name:
            yield f'<optgroup label="{as_html(name)}">'
        for option in options:
            value, attributes = as_html(option["value"]), _attributes(option["attrs"])
            yield f'<option value="{value}"{attributes}>{as_html(option["label"])}</option>'
        if name:
            yield "</optgroup>"


_INPUTS: Final = ("date", "datetime", "email", "hidden", "number", "password", "tel", "text", "time", "url")
_DRAWN: Final = {
    **{f"django/forms/widgets/{name}.html": _draw_input for name in (*_INPUTS, "checkbox", "input")},
    "django/forms/widgets/textarea.html": _draw_text_area,
    "django/forms/widgets/select.html": _draw_select,
}


def _attributes(attributes: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{as_html(value)}"'
        for name, value in attributes.items()
        if value is not False
    )


def as_html(value: Any) -> str:
    """Return the text escaped for HTML; Django's function takes three times as long."""
    text = str(value)
    return text if isinstance(text, SafeString) else escape(text)
