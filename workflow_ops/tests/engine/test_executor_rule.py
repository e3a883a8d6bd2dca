"""Tests of the rule of who may execute a task."""

from itertools import product

from users.models import CustomUser
from users.tests.cases import CompanyTestCase
from workflow_ops.engine.assignment import ALWAYS, NEVER, may_execute_if

NAMES = ("is_not_excluded", "is_admin", "has_role", "is_unrestricted", "is_allowed", "is_named")


class ExecutorRuleTests(CompanyTestCase):
    def allows(self, *facts: str) -> bool:
        return may_execute_if(**{name: name in facts for name in NAMES})

    def test_who_may(self) -> None:
        self.assertTrue(self.allows("is_not_excluded", "is_unrestricted", "has_role"))
        self.assertTrue(self.allows("is_not_excluded", "is_allowed", "has_role"))
        self.assertTrue(self.allows("is_not_excluded", "is_allowed", "is_named"))
        self.assertTrue(self.allows("is_not_excluded", "is_admin"))

    def test_who_may_not(self) -> None:
        self.assertFalse(self.allows("is_admin", "is_unrestricted", "has_role"))
        self.assertFalse(self.allows("is_not_excluded", "is_unrestricted", "is_named"))
        self.assertFalse(self.allows("is_not_excluded", "is_allowed"))
        self.assertFalse(self.allows("is_not_excluded", "has_role", "is_named"))

    def test_is_the_same_as_a_filter(self) -> None:
        with self.ours.scope():
            for values in product((True, False), repeat=len(NAMES)):
                facts = dict(zip(NAMES, values, strict=True))
                condition = may_execute_if(
                    **{name: ALWAYS if value else NEVER for name, value in facts.items()}
                )
                found = CustomUser.objects.filter(condition, pk=self.ours.worker.pk).exists()
                self.assertEqual(found, may_execute_if(**facts), facts)
