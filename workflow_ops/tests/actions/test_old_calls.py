"""The removal of old calls from their log."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from users.tests.cases import CompanyTestCase, People
from workflow_ops.actions.old_calls import STORED_FOR, remove_old_calls
from workflow_ops.jobs import remove_unused
from workflow_ops.models import ActionCall, CallKind


class OldCallsTests(CompanyTestCase):
    def stored(self, people: People) -> int:
        with people.scope(), transaction.atomic():
            return ActionCall.objects.count()

    def make(self, people: People, *ages: timedelta) -> None:
        now = timezone.now()
        with people.scope(), transaction.atomic():
            ActionCall.objects.bulk_create(
                ActionCall(kind=CallKind.TEST, started_at=now - age, finished_at=now - age) for age in ages
            )

    def test_calls_of_all_companies_are_removed_after_90_days(self) -> None:
        hour = timedelta(hours=1)
        self.make(self.ours, *[STORED_FOR + hour] * 5, STORED_FOR - hour)
        self.make(self.theirs, STORED_FOR + hour, hour)
        self.assertEqual(remove_old_calls(batch=2), 6)
        self.assertEqual((self.stored(self.ours), self.stored(self.theirs)), (1, 1))
        self.assertEqual(remove_old_calls(batch=2), 0)

    def test_hourly_job(self) -> None:
        self.make(self.ours, STORED_FOR + timedelta(hours=1))
        remove_unused.func(0)
        self.assertEqual(self.stored(self.ours), 0)
