"""What workflows of a company may name, as the editor and programs offer it: roles, connections, chats."""

from django.db.models import QuerySet
from django.db.models.functions import Lower

from users.models import CompanyRole
from workflow_design.models import Connection, ConnectionKind


def nameable_roles() -> QuerySet[CompanyRole]:
    """Return the roles with their names, in the order of these."""
    return CompanyRole.objects.only("name").order_by(Lower("name"))


def nameable_connections() -> list[str]:
    """Return the names of the connections that actions may call, in their order."""
    return _names(Connection.objects.filter(kind=ConnectionKind.HTTP))


def nameable_chats() -> list[str]:
    """Return the names of the chats that messages may go to, in their order."""
    return _names(Connection.objects.exclude(kind=ConnectionKind.HTTP))


def _names(rows: QuerySet[Connection]) -> list[str]:
    return list(rows.order_by(Lower("name")).values_list("name", flat=True))
