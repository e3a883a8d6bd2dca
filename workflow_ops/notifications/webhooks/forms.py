"""Forms for webhooks. Their secrets are generated and never typed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.http import Form
from ticketflower.outgoing.addresses import address_problem
from users.forms.accounts import name_field
from workflow_design.compare.difference import Change
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_ops.actions.conflicts import EditionForm, edition
from workflow_ops.models import Webhook, WebhookEvent


class WebhookForm(EditionForm):
    """The name, the URL and the events of a webhook."""

    name = name_field(
        Webhook,
        "name",
        label=gettext_lazy("Name"),
        autocomplete="off",
        help_text=gettext_lazy("Such as “Invoice reader”. Only company admins see it."),
    )
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_ADDRESS_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Where it listens, such as https://example.com/ticketflower."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=[(event.value, event.label) for event in WebhookEvent.of_choice()],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Only numbers and ids are sent. Values, titles, comments and names of people stay here: a "
            "program that may know them asks for them, with a token."
        ),
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, webhook: Webhook | None = None) -> None:
        initial: dict[str, Any] = {}
        if webhook is not None:
            initial = {"name": webhook.name, "address": webhook.address, "events": webhook.events}
            initial["edition"] = edition(webhook)
        super().__init__(data, initial=initial)

    def clean_address(self) -> str:
        """Refuse a URL to which nothing may be sent."""
        address: str = self.cleaned_data["address"]
        if problem := address_problem(address):
            raise forms.ValidationError(problem)
        return address

    def values(self) -> dict[str, Any]:
        """Return what is to be stored. Only call this on valid forms."""
        return {name: self.cleaned_data[name] for name in ("name", "address", "events")}

    def refuse_name(self) -> None:
        """Report that the name is taken."""
        self.add_error("name", _("Your company already has a webhook with this name."))

    def differences(self, current: Webhook) -> Iterator[Change]:
        """Yield the stored values beside those of the form, equal ones included."""
        yield Change(_("Name"), current.name, self.cleaned_data["name"])
        yield Change(_("Address"), current.address, self.cleaned_data["address"])
        yield Change(_("Events"), _name_events(current.events), _name_events(self.cleaned_data["events"]))


def _name_events(events: Collection[str]) -> str:
    return ", ".join(str(WebhookEvent(event).label) for event in sorted(events))


class RenewSecretForm(Form):
    """The confirmation of a new secret; `seen` is when the present one was made."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, webhook: Webhook) -> None:
        super().__init__(data, initial={"seen": webhook.secrets_changed_at.isoformat()})
