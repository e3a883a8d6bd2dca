"""Tags and filters that draw forms, loaded into every template (settings: builtins)."""

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.template import Context
from django.utils.safestring import SafeString

from ticketflower.drawn_forms import DrawnForm
from ticketflower.form_drawing import draw_control, draw_field

register = template.Library()

widget = register.simple_tag(draw_control, name="widget")


@register.simple_tag(takes_context=True)
def form_fields(context: Context, form: forms.BaseForm | DrawnForm) -> SafeString:
    """Render only the fields of a form, following its crispy layout if it has one."""
    if isinstance(form, DrawnForm):
        return form.html
    helper: Any = getattr(form, "helper", None)
    if helper is not None and helper.layout is not None:
        settings = {"form_show_labels": True, "form_show_errors": True, "form": form}
        with context.push(**settings | helper.get_attributes("bootstrap5")):
            return SafeString(helper.render_layout(form, context, template_pack="bootstrap5"))
    return SafeString("".join(map(draw_field, form)))


@register.simple_tag(takes_context=True)
def form_field(context: Context) -> SafeString:
    """Render one field as crispy's layouts ask for it."""
    return draw_field(
        context["field"],
        css_class=context.get("wrapper_class") or "",
        has_label=context.get("form_show_labels") is not False,
        shows_errors=context.get("form_show_errors") is not False,
        is_inline=bool(context.get("inline_class")),
    )


@register.filter
def first_control_id(field: BoundField) -> str:
    """Return the id of a field's first control, to which the error summary links."""
    return field.id_for_label or f"{field.auto_id}_0"
