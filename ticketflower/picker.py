"""Checkboxes for choices that may be many."""

from typing import Any

from django import forms


class PickerWidget(forms.CheckboxSelectMultiple):
    """Checkboxes. If there are many, those that are chosen come first, and the others are folded."""

    template_name = "picker_widget.html"
    most_unfolded = 8

    def __init__(self, *, add: Any) -> None:
        super().__init__()
        self.add = add

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context of the template."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        options = [option for _group, options, _index in context["widget"]["optgroups"] for option in options]
        is_folded = len(options) > self.most_unfolded
        is_refused = "is-invalid" in context["widget"]["attrs"].get("class", "")
        context["widget"] |= {
            "chosen": [option for option in options if option["selected"]],
            "others": [option for option in options if not (is_folded and option["selected"])],
            "is_folded": is_folded,
            "is_refused": is_refused,
            "is_open": is_refused,
            "add": self.add,
        }
        return context
