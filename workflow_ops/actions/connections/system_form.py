"""The form for a connection to another system: its address, its headers, its signature."""

import base64
import binascii
import re
from typing import Any, Final
from urllib.parse import urlsplit

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.http import NEVER_KEPT
from ticketflower.outgoing.addresses import address_problem
from ticketflower.outgoing.headers import header_problem
from ticketflower.outgoing.signing import new_signing_secret
from users.forms.accounts import LineField
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_design.models import ConnectionKind
from workflow_ops.actions.connections.actions import Content
from workflow_ops.actions.connections.forms import ConnectionForm, SecretField

MAX_HEADERS: Final = 20
_EMPTY_ROWS: Final = 3
_SIGNING: Final = f"{NEVER_KEPT}signing"
_SIGNED_BY_US: Final = re.compile(r"webhook-.*|idempotency-key", re.IGNORECASE)
_HEADER_ROWS: Final = '{% include "workflow_ops/connections/header_rows.html" %}'
_NONE, _KEEP, _NEW, _OWN = "none", "keep", "new", "own"


class SystemForm(ConnectionForm):
    """Another system: where it is, which headers its calls carry, and how they are signed."""

    base_address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_ADDRESS_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "What all calls have in common, such as https://example.com/api. Each action adds its own path."
        ),
    )
    signing = forms.ChoiceField(
        label=gettext_lazy("Signature"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Calls can be signed as Standard Webhooks describes it. By its secret, the other system "
            "recognizes that a call comes from here."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.present
        self.stored = {name.lower(): name for name in present.headers} if present else {}
        self.fields["name"].help_text = _("Workflow creators choose it by this name, such as “Directory”.")
        self._add_headers()
        signs = present is not None and bool(present.signing_secret)
        choices = {
            _KEEP: _("Sign with the secret that is set") if signs else "",
            _NONE: _("Do not sign"),
            _NEW: _("Sign with a new secret, which is shown once after you save"),
            _OWN: _("Sign with this secret:"),
        }
        field: Any = self.fields["signing"]
        field.choices = [(value, label) for value, label in choices.items() if label]
        as_set = _KEEP if signs else _NONE
        field.initial = as_set if present else _NEW
        self.fields[_SIGNING] = SecretField(
            label=_("Secret of the other system"),
            max_length=200,
            help_text=_("Only if it gave you one. It begins with “whsec_”."),
        )
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "edition", "name", "base_address", HTML(_HEADER_ROWS), "signing", _SIGNING
        )

    def _add_headers(self) -> None:
        names = list(self.present.headers) if self.present else []
        typed = sum(1 for number in range(MAX_HEADERS) if f"header_{number}" in self.data)
        self.count = min(MAX_HEADERS, max(typed, len(names) + _EMPTY_ROWS))
        for number in range(self.count):
            place = {"number": number + 1}
            self.fields[f"header_{number}"] = LineField(
                label=_("Name of header %(number)d") % place,
                required=False,
                initial=names[number] if number < len(names) else "",
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
            value = SecretField(label=_("Value of header %(number)d") % place)
            self.fields[f"{NEVER_KEPT}header_{number}"] = value

    def header_rows(self) -> list[dict[str, Any]]:
        """Return the controls for name and value of each header; an empty value keeps the stored one."""
        rows = []
        for number in range(self.count):
            name, value = self[f"header_{number}"], self[f"{NEVER_KEPT}header_{number}"]
            if str(name.value() or "").lower() in self.stored:
                value.field.widget.attrs["placeholder"] = _("Set. Leave this empty to keep it.")
            rows.append({"fields": (name, value)})
        return rows

    def clean_base_address(self) -> str:
        """Refuse an address that calls may not use, or to which no path can be appended."""
        address: str = self.cleaned_data["base_address"]
        problem = address_problem(address)
        if not problem and "?" in address:
            problem = _("Leave out what follows “?”: the path of an action comes after this address.")
        if problem:
            raise forms.ValidationError(problem)
        return address

    def clean(self) -> dict[str, Any]:
        """Check the headers and the signing secret; keep the values that were not entered."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self.headers: dict[str, str] = {}
        for number in range(self.count):
            self._clean_header(f"header_{number}", f"{NEVER_KEPT}header_{number}")
        own = values.get(_SIGNING, "")
        if values.get("signing") == _OWN and not _is_signing_secret(own):
            text = _("This is not such a secret: it is “whsec_” and 32 to 88 letters and digits of base64.")
            self.add_error(_SIGNING, text if own else _("Enter the secret."))
        elif own and values.get("signing") not in (_OWN, None):
            self.add_error(_SIGNING, _("Choose “Sign with this secret”, or leave this empty."))
        return values

    def _clean_header(self, name_field: str, value_field: str) -> None:
        name, value = self.cleaned_data.get(name_field, ""), self.cleaned_data.get(value_field, "")
        if not name:
            if value:
                self.add_error(name_field, _("Enter the name of this header."))
            return
        if name.lower() in map(str.lower, self.headers):
            self.add_error(name_field, _("This header is there twice."))
        elif _SIGNED_BY_US.fullmatch(name):
            self.add_error(name_field, _("The header “%(name)s” is set by TicketFlower.") % {"name": name})
        elif problem := header_problem(name, value or "x"):
            # An error of the name takes precedence.
            wrong_name = header_problem(name, "x")
            self.add_error(name_field if wrong_name else value_field, problem)
        elif value or self._may_keep(name, value_field):
            self.headers[name] = value or self._stored_value(name)

    def _may_keep(self, name: str, value_field: str) -> bool:
        """Return whether the stored value of a header may be kept; it was entered for one system only."""
        if name.lower() not in self.stored:
            self.add_error(value_field, _("Enter the value of this header."))
        elif self.present and _origin(self.present.address) != _origin(
            self.cleaned_data.get("base_address", self.present.address)
        ):
            text = _("Enter this again, or remove the header: the address leads to another system now.")
            self.add_error(value_field, text)
        else:
            return True
        return False

    def _stored_value(self, name: str) -> str:
        assert self.present is not None
        return self.present.headers[self.stored[name.lower()]]

    def content(self) -> Content:
        """Return what is to be stored. A new signing secret is generated once and kept in `made_secret`."""
        values = self.cleaned_data
        return Content(
            name=values["name"],
            kind=ConnectionKind.HTTP,
            base_address=values["base_address"],
            headers=self.headers,
            signing_secret=self._signing_secret(),
        )

    def _signing_secret(self) -> str:
        choice = self.cleaned_data["signing"]
        if choice == _NEW:
            self.made_secret = self.made_secret or new_signing_secret()
            return self.made_secret
        if choice == _OWN:
            return str(self.cleaned_data[_SIGNING])
        return self.present.signing_secret if choice == _KEEP and self.present else ""


def _is_signing_secret(text: str) -> bool:
    """Return whether the text is a signing secret as Standard Webhooks defines it, of 24 to 64 bytes."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    return text.startswith("whsec_") and 24 <= len(key) <= 64  # noqa: PLR2004 - of the standard


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()
