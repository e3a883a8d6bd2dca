"""Tokens: what they open, and what does not open (`docs/programs.md`, "Tokens")."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from ticketflower.tenancy.context import company_scope
from users.models import AccessToken, CustomUser, Scope, TokenUse
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.tests.cases import CompanyTestCase
from users.token_actions import TokenRefusedError, delete_token, make_token
from users.tokens import digest_of, read_token


class TokensTests(CompanyTestCase):
    def make(
        self, person: CustomUser, *scopes: Scope, by: CustomUser | None = None, days: int = 30
    ) -> tuple[AccessToken, str]:
        ends = timezone.now() + timedelta(days=days)
        with (by or person).scope(), transaction.atomic():
            return make_token(
                person, name="Backup", scopes=scopes or [Scope.READ], expires_at=ends, by=by or person
            )

    def service_account(self) -> CustomUser:
        with self.ours.scope(), transaction.atomic():
            return CustomUser.objects.create(
                company=self.ours.company, first_name="Robot", is_service_account=True, is_in_rotation=False
            )

    def test_it_acts_for_its_person_with_the_rights_of_now(self) -> None:
        _token, secret = self.make(self.ours.submitter, Scope.READ, Scope.SUBMIT)
        person = read_token(secret)
        assert isinstance(person, CustomUser)
        self.assertEqual((person, person.company), (self.ours.submitter, self.ours.company))
        self.assertEqual(person.system_roles, {"user"})
        assert person.token is not None
        self.assertEqual((person.token.name, person.token.scopes), ("Backup", {"read", "submit"}))
        with self.ours.scope(), transaction.atomic():
            give_system_roles(self.ours.submitter, [SystemRoleName.TASK_WORKER])
        again = read_token(secret)
        assert isinstance(again, CustomUser)
        self.assertIn("task_worker", again.system_roles)

    def test_uses_are_counted(self) -> None:
        token, secret = self.make(self.ours.submitter)
        for number in (1, 2, 3):
            person = read_token(secret)
            assert isinstance(person, CustomUser)
            assert person.token is not None
            self.assertEqual(person.token.requests, number)
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(TokenUse.objects.get(token=token).requests, 3)

    def test_counting_does_not_keep_a_longer_transaction_from_waiting_for_the_disk(self) -> None:
        _token, secret = self.make(self.ours.submitter)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on")
            self.assertIsInstance(read_token(secret), CustomUser)
            cursor.execute("SHOW synchronous_commit")
            self.assertEqual(cursor.fetchone(), ("on",))
            cursor.execute("SELECT FROM token_read(%s, 60, true)", [digest_of(secret)])
            cursor.execute("SHOW synchronous_commit")
            self.assertEqual(cursor.fetchone(), ("off",))

    def test_what_is_no_token(self) -> None:
        token, secret = self.make(self.ours.submitter)
        for wrong in ("", "tf_", secret[:-1], secret + "a", secret.upper(), "tf_ü", "tf_" + "a" * 5000):
            with self.subTest(wrong[:10]):
                self.assertIsInstance(read_token(wrong), AnonymousUser)
        with self.ours.scope(), transaction.atomic():
            AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(hours=1))
        self.assertIsInstance(read_token(secret), AnonymousUser)

    def test_deleted(self) -> None:
        token, secret = self.make(self.ours.submitter)
        for other in (self.ours.worker, self.ours.designer):
            with other.scope(), self.assertRaises(TokenRefusedError):
                delete_token(token, by=other)
        with self.ours.admin.scope():
            delete_token(token, by=self.ours.admin)
        self.assertIsInstance(read_token(secret), AnonymousUser)

    def test_deactivated_people(self) -> None:
        _token, secret = self.make(self.ours.submitter)
        with self.ours.scope(), transaction.atomic():
            CustomUser.objects.filter(pk=self.ours.submitter.pk).update(is_active=False)
        self.assertIsInstance(read_token(secret), AnonymousUser)

    def test_who_may_make_one(self) -> None:
        robot = self.service_account()
        self.make(robot, Scope.READ, Scope.WORK, by=self.ours.admin)
        self.staff.impersonated_company = self.ours.company
        for person, by in (
            (self.ours.worker, self.ours.admin),
            (robot, self.ours.worker),
            (self.staff, self.staff),
        ):
            with self.subTest(by), self.assertRaises(TokenRefusedError):
                self.make(person, by=by)
        by_program = read_token(self.make(self.ours.admin)[1])
        assert isinstance(by_program, CustomUser)
        with self.assertRaises(TokenRefusedError):
            self.make(by_program)

    def test_scopes_of_service_accounts(self) -> None:
        robot = self.service_account()
        for scopes in (
            [Scope.PUBLISH],
            [Scope.WORK, Scope.DESIGN],
            [Scope.READ, Scope.WORK, Scope.ADMINISTER],
        ):
            with self.subTest(scopes), self.assertRaises(TokenRefusedError):
                self.make(robot, *scopes, by=self.ours.admin)

    def test_what_the_database_refuses(self) -> None:
        with self.assertRaises(IntegrityError):
            self.make(self.ours.submitter, days=400)
        with self.assertRaises(IntegrityError), self.ours.scope(), transaction.atomic():
            CustomUser.objects.create(company=self.ours.company, first_name="Nobody")
        with self.assertRaises(IntegrityError), self.ours.scope(), transaction.atomic():
            CustomUser.objects.create(
                company=self.ours.company,
                first_name="Robot",
                email="robot@ours.example",
                is_service_account=True,
                is_in_rotation=False,
            )

    def test_a_company_sees_its_own_alone(self) -> None:
        self.make(self.ours.submitter)
        with company_scope(self.theirs.company.pk), transaction.atomic():
            self.assertFalse(AccessToken.objects.exists())
