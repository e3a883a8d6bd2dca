"""Form field for what another system answers: a status, and a body as JSON."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, format_json, parse_json, parse_number

ANSWER: Final = "_answer"
"""The name of an answer in the form of a try-out; no field of a workspace has such a name."""
OK: Final = 200
MAX_BODY_BYTES: Final = 16 * 1024
"""Of an answer in a form. The page shows it, and the workflow file contains it."""


class AnswerWidget(forms.MultiWidget):
    """Two controls: the status, and the body; `update` are attributes of both."""

    template_name = "workflow_design/editor/answer_widget.html"

    def __init__(self) -> None:
        super().__init__({"status": forms.TextInput(), "body": forms.Textarea()})
        self.update = ""

    def decompress(self, value: Any) -> list[str]:
        """Return the texts of a stored answer."""
        return [str(value.get("status", OK)), format_json(value["body"])] if value else [str(OK), ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context of the template."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["update"] = self.update
        return context


class AnswerField(forms.Field):
    """An answer: cleaned to `{"status", "body"}`, or to None if nothing was entered."""

    widget: AnswerWidget = AnswerWidget  # type: ignore[assignment]  # Django makes it an object

    def clean(self, value: Any) -> Mapping[str, Any] | None:
        """Return the answer. Raise ValidationError if the status or the body can't be one."""
        status_text, body_text = (str(text or "").strip() for text in value or ("", ""))
        status = parse_number(status_text) if status_text else OK
        if status is None or not 100 <= status <= 599:  # noqa: PLR2004 - what HTTP has
            raise ValidationError(_("The status is a number from 100 to 599; 200 is the usual one."))
        if not body_text:
            return None if status == OK and not self.required else {"status": status, "body": None}
        try:
            return {"status": status, "body": parse_json(body_text, max_bytes=MAX_BODY_BYTES)}
        except JsonError as error:
            raise ValidationError(_("Body: %(problem)s") % {"problem": error}, code=error.code) from error

    @classmethod
    def of_request(cls, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the answer in the form of a try-out, or None if it is not complete."""
        field = cls()
        return field.read(field.widget.value_from_datadict(data, MultiValueDict(), ANSWER))

    def read(self, value: Any) -> Mapping[str, Any] | None:
        """Return the stored or entered answer, or None if there is none or it is not complete."""
        if value is None or isinstance(value, Mapping):
            return value
        try:
            return self.clean(value)
        except ValidationError:
            return None
