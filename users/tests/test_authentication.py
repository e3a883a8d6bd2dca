"""The authentication backend and Django's permission checks."""

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import RequestFactory, override_settings

from users.authentication import EmailBackend
from users.models import CustomUser
from users.tests.cases import PASSWORD, CompanyTestCase


class CountingHasher(MD5PasswordHasher):
    """A hasher that counts its calls."""

    algorithm = "md5"
    count = 0

    def encode(self, password: str, salt: str) -> str:
        """Count the call and encode."""
        type(self).count += 1
        return super().encode(password, salt)


class Backend(CompanyTestCase):
    """Tests of `users.authentication.EmailBackend`."""

    def test_knows_people_by_address(self) -> None:
        backend = EmailBackend()
        for person in (self.ours.submitter, self.theirs.admin, self.staff):
            self.assertEqual(backend.authenticate(None, person.email.upper(), PASSWORD), person)
            self.assertIsNone(backend.authenticate(None, person.email, "wrong"))
        self.assertIsNone(backend.authenticate(None, "nobody@nowhere.example", PASSWORD))
        self.assertIsNone(backend.authenticate(None, None, PASSWORD))
        self.assertIsNone(backend.authenticate(None, self.staff.email, None))

    @override_settings(PASSWORD_HASHERS=[f"{__name__}.CountingHasher"])
    def test_takes_as_long_for_an_unknown_address(self) -> None:
        for email in (self.ours.submitter.email, "nobody@nowhere.example"):
            CountingHasher.count = 0
            EmailBackend().authenticate(None, email, "wrong")
            self.assertEqual(CountingHasher.count, 1)

    def test_is_the_one_that_django_uses(self) -> None:
        request = RequestFactory().post("/users/login/")
        found = authenticate(request, username=self.ours.submitter.email, password=PASSWORD)
        self.assertEqual(found, self.ours.submitter)

    def test_permissions_are_those_of_the_system_roles(self) -> None:
        expected = {self.ours.admin: True, self.ours.submitter: False}
        for person, may in expected.items():
            with person.scope():
                fresh = CustomUser.objects.get(pk=person.pk)
                self.assertEqual(fresh.has_perm("users.change_companyrole"), may)
        self.assertTrue(self.staff.has_perm("users.change_companyrole"))

    def test_deactivated_people_have_none(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(is_active=False)
            fresh = CustomUser.objects.get(pk=self.ours.admin.pk)
            self.assertFalse(fresh.has_perm("users.change_companyrole"))
