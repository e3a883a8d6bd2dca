"""Forms for connections. Secrets are never shown again, not even in a form that was refused."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.http import NEVER_KEPT, Form
from ticketflower.outgoing.addresses import address_problem
from users.forms.accounts import name_field
from workflow_design.check.actions import path_problem
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_design.models import Connection, ConnectionKind, SigningSecret
from workflow_ops.actions.conflicts import EditionForm, Row, edition
from workflow_ops.actions.connections.actions import ConnectionInUseError, Content
from workflow_ops.actions.secrets import ConnectionSecrets

_ADDRESS: Final = f"{NEVER_KEPT}address"


class SecretField(forms.CharField):
    """A text that is hidden while it is typed, and never shown again."""

    def __init__(self, *, required: bool = False, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        super().__init__(required=required, widget=widget, **options)


class ConnectionForm(EditionForm):
    """The base of the forms of all kinds. For a new connection, `connection` and `present` are None.

    `present` has the stored secrets; it is also None if this site can no longer decrypt them.
    """

    name = name_field(Connection, "name", label=gettext_lazy("Name"), autocomplete="off")

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        connection: Connection | None = None,
        present: ConnectionSecrets | None = None,
    ) -> None:
        initial = {}
        if connection is not None:
            initial = {"name": connection.name, "edition": edition(connection), "kind": connection.kind}
            initial["base_address"] = connection.base_address
        super().__init__(data, initial=initial)
        self.present = present

    made_secret = ""
    """A signing secret that the person has asked for, to be shown once."""

    def content(self) -> Content:
        """Return what is to be stored; secrets that were not entered keep their present values."""
        raise NotImplementedError

    def full_clean(self) -> None:
        """Check the form, and ask again for the secrets in a form that is refused."""
        super().full_clean()
        if self.is_bound and self.errors:
            self.ask_for_secrets_again()

    def ask_for_secrets_again(self) -> None:
        """Report at each secret that was typed that it has to be entered again."""
        for name in self.fields:
            if name.startswith(NEVER_KEPT) and self.data.get(name) and not self.errors.get(name):
                self.add_error(name, _("Enter this again: what you typed here is not shown."))

    def refuse_name(self) -> None:
        """Report that the name is taken."""
        self.add_error("name", _("Your company already has a connection with this name."))
        self.ask_for_secrets_again()

    def refuse_rename(self, error: ConnectionInUseError) -> None:
        """Report that workflows use the connection by its present name."""
        text = _("%(reason)s It can't be renamed: they would not find it any more.")
        self.add_error("name", text % {"reason": error})
        self.ask_for_secrets_again()

    def continue_from(self, current: Row) -> None:
        """Continue from the current row, and ask again for the secrets."""
        super().continue_from(current)
        self.ask_for_secrets_again()


class ChatForm(ConnectionForm):
    """A chat. Its address is a secret, because anybody who knows it can post there."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[(kind.value, kind.label) for kind in ConnectionKind if kind.is_chat],
        initial=ConnectionKind.SLACK,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("Workflow creators choose it by this name, such as “Team chat”.")
        self.fields[_ADDRESS] = SecretField(
            label=_("Address of the webhook"),
            required=self.present is None,
            error_messages={"required": _("Enter the address of the webhook.")},
            max_length=MAX_ADDRESS_LENGTH,
            help_text=_("An address is set. Leave this empty to keep it.")
            if self.present is not None
            else _("The chat makes it for one of its channels. It is a secret, so it is not shown again."),
        )

    def clean(self) -> dict[str, Any]:
        """Check the address."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        address = values.get(_ADDRESS, "")
        if address and (problem := address_problem(address)):
            self.add_error(_ADDRESS, problem)
        return values

    def content(self) -> Content:
        """Return what is to be stored."""
        address = self.cleaned_data[_ADDRESS] or (self.present.address if self.present else "")
        kind = ConnectionKind(self.cleaned_data["kind"])
        return Content(name=self.cleaned_data["name"], kind=kind, headers={}, address=address)


class PathForm(Form):
    """The path that a test of a connection to a system appends to the connection's address."""

    path = forms.CharField(
        label=gettext_lazy("Path"),
        required=False,
        max_length=MAX_ADDRESS_LENGTH,
        help_text=gettext_lazy("Added to the address, as the path of an action is, such as /accounts."),
    )

    def clean_path(self) -> str:
        """Validate the path like the path of an action."""
        path: str = self.cleaned_data["path"]
        if problem := path_problem(path):
            raise forms.ValidationError(problem)
        return path


class RenewForm(Form):
    """The confirmation of a new signing secret of the company; `seen` is when the present one was made."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, initial={"seen": self.current()})

    @staticmethod
    def current() -> str:
        """Return when the present secret was made, or "" if there is none."""
        row = SigningSecret.objects.first()
        return row.changed_at.isoformat() if row else ""
