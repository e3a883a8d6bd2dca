"""What the audit log says about a model."""

from django.db.models import Model, QuerySet

from users.models import AuditEvent


def audit_events(model: type[Model]) -> QuerySet[AuditEvent]:
    """Return the model's events in the company whose scope is open, in chronological order."""
    return AuditEvent.objects.filter(table=model._meta.db_table).order_by("pk")
