"""The authentication backend and Django's permission checks."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier, get_ident
from unittest.mock import patch

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    MD5PasswordHasher,
    check_password,
    make_password,
)
from django.test import Client, RequestFactory, SimpleTestCase, override_settings

from users.authentication import _LOGGING_IN, EmailBackend, PasswordHasher
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


class AtOnce(CompanyTestCase):
    """Log-ins that come at once."""

    def test_leave_threads_for_others(self) -> None:
        form = {"username": self.ours.worker.email, "password": PASSWORD}
        with ExitStack() as others:
            for _other in range(8):
                others.enter_context(_LOGGING_IN)
            response = Client().post("/users/login/", form)
            self.assertContains(response, "Many people are logging in at this moment.", status_code=429)
        for password, status in (("wrong", 200), (PASSWORD, 302)) * 5:
            self.assertEqual(
                Client().post("/users/login/", form | {"password": password}).status_code, status
            )


class Hashing(SimpleTestCase):
    """The hasher of the site, which the tests replace by a cheap one elsewhere."""

    def test_hashes_two_passwords_at_once(self) -> None:
        two, inside, most = Barrier(2), set[int](), []

        def work(*_arguments: object) -> bool:
            inside.add(get_ident())
            two.wait(timeout=10)  # until another is inside, too
            most.append(len(inside))
            two.wait(timeout=10)
            inside.remove(get_ident())
            return True

        with patch.multiple(Argon2PasswordHasher, encode=work, verify=work), ThreadPoolExecutor(8) as pool:
            hasher = PasswordHasher()
            calls = [pool.submit(hasher.encode, "x", "salt") for _call in range(4)]
            calls += [pool.submit(hasher.verify, "x", "hash") for _call in range(4)]  # type: ignore[arg-type]
            self.assertTrue(all(call.result() for call in calls))
        self.assertEqual(most, [2] * 8)

    @override_settings(PASSWORD_HASHERS=["users.authentication.PasswordHasher"])
    def test_recognizes_its_hashes_and_renews_those_with_other_costs(self) -> None:
        stored = make_password("x")
        self.assertTrue(check_password("x", stored))
        self.assertFalse(check_password("y", stored))
        self.assertFalse(PasswordHasher().must_update(stored))
        self.assertTrue(PasswordHasher().must_update(stored.replace("m=19456,t=2,p=1", "m=102400,t=2,p=8")))
