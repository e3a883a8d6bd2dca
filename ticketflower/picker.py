"""Checkboxes for a potentially large number of choices."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ticketflower.markup import fill
from ticketflower.template_tags import icon

_CHOICE = """
<div class="form-check">
  <input class="form-check-input{}" type="checkbox" name="{}" id="{}" value="{}"{}>
  <label class="form-check-label" for="{}">{}</label>
</div>
"""
_FOLDED = """
<div class="tf-picker" id="{}">
  <div class="tf-picker-chosen">{}</div>
  {}
</div>
"""
_OTHERS = """
<details{}>
  <summary class="btn btn-sm btn-secondary">{}{}</summary>
  <input class="form-control tf-with-scripts" type="search" data-narrow autocomplete="off"
    placeholder="{}" aria-label="{}: {}">
  <div class="tf-choices">{}</div>
</details>
"""


class PickerWidget(forms.CheckboxSelectMultiple):
    """Checkboxes. If there are many, chosen ones come first, and the others are folded away."""

    most_unfolded = 8

    def __init__(self, *, add: Any) -> None:
        super().__init__()
        self.add = add

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the choices as HTML, generated in Python because there may be many."""
        widget = self.get_context(name, value, attrs)["widget"]
        options = [option for _group, options, _index in widget["optgroups"] for option in options]
        is_refused = "is-invalid" in widget["attrs"].get("class", "")
        key = widget["attrs"].get("id", "")
        if len(options) <= self.most_unfolded:
            html = '<div class="tf-picker" id="{}"><div class="tf-choices">{}</div></div>'
            return fill(html, key, _draw_choices(options, is_refused=is_refused))
        others = [option for option in options if not option["selected"]]
        chosen = [option for option in options if option["selected"]]
        none = fill('<span class="tf-muted">{}</span>', _("None yet"))
        return fill(
            _FOLDED,
            key,
            _draw_choices(chosen, is_refused=is_refused) if chosen else none,
            self._draw_others(others, is_refused=is_refused) if others else "",
        )

    def _draw_others(self, others: Iterable[Mapping[str, Any]], *, is_refused: bool) -> SafeString:
        choices, search = _draw_choices(others, is_refused=is_refused), _("Search")
        is_open = SafeString(" open" if is_refused else "")
        return fill(_OTHERS, is_open, icon("plus", 16), self.add, search, self.add, search, choices)


def _draw_choices(options: Iterable[Mapping[str, Any]], *, is_refused: bool) -> SafeString:
    state = " is-invalid" if is_refused else ""
    return SafeString(
        "".join(
            draw_choice(
                *(option["name"], option["attrs"].get("id", ""), option["value"], option["label"]),
                state=state,
                checked=" checked" if option["selected"] else "",
            )
            for option in options
        )
    )


def draw_choice(
    name: str, key: str, value: object, label: object, *, state: str = "", checked: str = ""
) -> SafeString:
    """Return a checkbox with the id `key`, and its label."""
    return fill(_CHOICE, state, name, key, value, checked, key, label)
