"""Tags and filters that draw forms, loaded into every template (settings: builtins)."""

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def form_fields(context: Context, form: forms.BaseForm) -> SafeString:
    """Render only the fields of a form, following its crispy layout if it has one."""
    helper: Any = getattr(form, "helper", None)
    settings: dict[str, object] = {"form_show_labels": True, "form_show_errors": True, "form": form}
    if helper is not None and helper.layout is not None:
        with context.push(**settings | helper.get_attributes("bootstrap5")):
            return SafeString(helper.render_layout(form, context, template_pack="bootstrap5"))
    field_template = get_template("bootstrap5/field.html")
    rendered = [field_template.render(settings | {"field": field}) for field in form]
    return SafeString("".join(rendered))


def _control_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, forms.Select | forms.SelectDateWidget):
        return "form-select"
    return "form-control"


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """Render the control of a field with the CSS classes for its kind and state."""
    control = field.field.widget
    classes = [_control_class(control), control.attrs.get("class", "")]
    if field.errors:
        classes.append("is-invalid")
    # A browser would cut a longer text without a word, in the middle of a paste. The form says it instead.
    unlimited = {"maxlength": False} if "maxlength" in control.attrs else {}
    return field.as_widget(attrs={"class": " ".join(filter(None, classes)), **unlimited})


@register.filter
def says_optional(field: BoundField) -> bool:
    """Return whether the label says that the field may stay empty.

    A first choice in words, such as "Nobody", says it already; a form may say it of all its fields.
    """
    control = field.field
    if control.required or control.disabled or not getattr(field.form, "marks_optional", True):
        return False
    widget = control.widget
    if not isinstance(widget, forms.Select | forms.RadioSelect) or widget.allow_multiple_selected:
        return True
    value, label = next(iter(widget.choices), ("", ""))
    return value != "" or not any(sign.isalpha() for sign in str(label))


@register.filter
def first_control_id(field: BoundField) -> str:
    """Return the id of a field's first control, to which the error summary links."""
    return field.id_for_label or f"{field.auto_id}_0"
