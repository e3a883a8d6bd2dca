"""The notifications of the demo's company, created without waiting for a worker."""

from django.db import transaction
from django.utils import timezone

from users.models import CustomUser
from workflow_ops.models import Notification
from workflow_ops.notifications.events import READER


def make_demo_notifications(admin: CustomUser) -> None:
    """Create notifications for all events. Those of tickets that have ended are marked as read."""
    assert admin.company_id is not None
    while READER.read_next(admin.company_id):
        pass
    with admin.scope(), transaction.atomic():
        Notification.objects.filter(ticket__is_finished=True).update(read_at=timezone.now())
