"""Contexts of the pages of one connection. They never contain a secret, only whether there is one."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from workflow_design.compare.difference import Change
from workflow_design.models import Connection, ConnectionKind
from workflow_design.persistence.connections import workflows_over
from workflow_ops.actions.connections.forms import ChatForm, ConnectionForm, PathForm
from workflow_ops.actions.connections.system_form import SystemForm
from workflow_ops.actions.connections.testing import LONGEST, latest_test
from workflow_ops.actions.secrets import ConnectionSecrets, ConnectionUnusableError, secrets_of
from workflow_ops.models import ActionCall, CallOutcome

_POLLED: Final = timedelta(minutes=1)
"""How long the page polls for the answer of a test."""
_MOST_SHOWN: Final = 2_000
"""Maximum number of characters of an answer that the page shows."""


def form_for(connection: Connection, data: Mapping[str, Any] | None) -> ConnectionForm:
    """Return the form for a connection of its kind."""
    kind = ChatForm if ConnectionKind(connection.kind).is_chat else SystemForm
    return kind(data, connection=connection, present=_readable(connection))


def _readable(connection: Connection) -> ConnectionSecrets | None:
    try:
        return secrets_of(connection)
    except ConnectionUnusableError:
        return None


def describe_connection(connection: Connection, form: PathForm | None = None) -> dict[str, Any]:
    """Return the context of the page of a connection, with a form for its next test that was refused."""
    secrets, test = _readable(connection), latest_test(connection)
    return {
        "connection": connection,
        "is_chat": ConnectionKind(connection.kind).is_chat,
        "is_readable": secrets is not None,
        "header_names": list(secrets.headers) if secrets else [],
        "is_signed": bool(secrets and secrets.signing_secret),
        "workflows": workflows_over(connection.name),
        "test": test and _describe_test(test, connection),
        "test_form": form or PathForm(initial=test.request if test else None),
    }


def _describe_test(test: ActionCall, connection: Connection) -> dict[str, Any]:
    is_running, age = test.outcome == CallOutcome.RUNNING, timezone.now() - test.started_at
    return {
        "call": test,
        "is_running": is_running,
        "is_polled": is_running and age < _POLLED,
        "is_late": is_running and age > LONGEST,
        "is_outdated": test.started_at < connection.updated_at,
        "has_worked": test.outcome == CallOutcome.ANSWERED,
        "was_reached": test.status is not None and not ConnectionKind(connection.kind).is_chat,
        "seconds": test.duration.total_seconds() if test.duration else None,
        "body": (test.response or {}).get("body", "")[:_MOST_SHOWN],
    }


def find_differences(form: ConnectionForm, current: Connection) -> Iterator[Change]:
    """Yield the stored values beside those of the form, equal ones included."""
    content, secrets = form.content(), _readable(current)
    yield Change(_("Name"), current.name, content.name)
    yield Change(_("Kind"), current.get_kind_display(), str(content.kind.label))
    yield Change(_("Address"), current.base_address, content.base_address)
    yield Change(_("Headers"), ", ".join(secrets.headers if secrets else ()), ", ".join(content.headers))
    if current.secrets_changed_at and current.secrets_changed_at.isoformat() > form.cleaned_data["edition"]:
        yield Change(_("Secrets"), _("changed as well"), _("as you enter them"))
