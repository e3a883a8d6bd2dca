"""The form that a workflow file comes in by: a file, or its text pasted."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.clean_json import MAX_BYTES

NAMES_OF_FILES = ".json,application/json"


class UploadForm(forms.Form):
    """A file, or its text. The file goes first where there are both: it was chosen later."""

    file = forms.FileField(
        label=gettext_lazy("Workflow file"),
        allow_empty_file=True,
        help_text=gettext_lazy("A JSON file as “Download” makes it, of at most 1 MB."),
        widget=forms.FileInput(attrs={"accept": NAMES_OF_FILES}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste its text"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocapitalize": "off"}),
    )
    replace = forms.BooleanField(required=False, widget=forms.HiddenInput)

    use_required_attribute = False

    def full_clean(self) -> None:
        """Each of the two may be left out for the other, which does not make them optional to readers."""
        either = (self.fields["file"], self.fields["text"])
        for field in either:
            field.required = False
        super().full_clean()
        for field in either:
            field.required = True

    def clean(self) -> dict[str, Any]:
        """Nothing at all is refused; what is in it is for the reader of workflow files to say."""
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not values.get("file") and not values.get("text", "").strip():
            self.add_error("file", _("Choose a file, or paste its text below."))
        return values

    def content(self) -> str | bytes:
        """What came, of a file that is too large only so much that it is seen to be."""
        file = self.cleaned_data["file"]
        content: str | bytes = file.read(MAX_BYTES + 1) if file else self.cleaned_data["text"]
        return content


class ContentForm(forms.Form):
    """The text on its way through the question whether to replace a draft."""

    text = forms.CharField(strip=False, widget=forms.HiddenInput)
    replace = forms.BooleanField(widget=forms.HiddenInput)


def kept(content: str | bytes) -> str:
    """What came, as the text box can show it again; nothing if it is no text or too long."""
    if isinstance(content, str):
        return content
    try:
        return content.decode() if len(content) <= MAX_BYTES else ""
    except UnicodeDecodeError:
        return ""
