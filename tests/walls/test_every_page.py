"""Every URL, requested as every kind of user (`docs/walls.md`)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from copy import deepcopy
from itertools import cycle
from typing import Any, ClassVar
from unittest import mock
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django_scopes import scopes_disabled

from tests.walls.pages import ELSEWHERE, ENTRIES, PAGES, Page, World, no_token
from ticketflower.http import UNSENT, keeps_forms
from ticketflower.tenancy.context import all_companies_scope
from users.models import AuditEvent, CompanyRoleMembership, CustomUser, UnsentForm
from users.tests.cases import CommittedTestCase, CompanyTestCase, logged_in
from users.tests.hostile import EACH_KIND, TYPED, kinds_for, post_raw

REFUSED_METHOD = {"get": 302, "post": 405}
"""A GET of what only takes a POST leads to the page above it."""
NOT_STORED = {
    *("connection_create", "chat_create", "connection_edit", "signing_secret_renew"),
    *("token_create", "service_token_create", "webhook_create", "webhook_secret_renew"),
    *("company_signup", "login", "logout", "password_reset_confirm", "invitation_accept", "password_change"),
    *(
        "file_download",
        "audit_download",
        "manage_tickets_csv",
        "manage_tasks_csv",
        "manage_errors_csv",
        "list_file_download",
        "report_csv",
        "workflow_definition_download",
        "health_ready",
    ),
}
CACHING = {"workflow_format": "public, max-age=3600", **dict.fromkeys(NOT_STORED, "private, no-store")}
"""Files, and forms with a password, are never stored. All other pages are asked for again."""
ECHOED = ["\x00", "<script>alert(1)</script>", "\ud800"]
"""Hostile also where a page only repeats its own address."""


def names(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    """Yield the full names of all URLs below the patterns."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


def audited() -> int:
    """Return how many changes the audit log has."""
    with all_companies_scope():
        return AuditEvent.objects.count()


class Walk(CompanyTestCase):
    """A test case with two worlds, each with a row of every kind."""

    our_world: ClassVar[World]
    their_world: ClassVar[World]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.our_world = World(cls.ours)
        cls.their_world = World(cls.theirs)

    def address(self, page: Page, world: World) -> str:
        return reverse(page.name, kwargs=page.kwargs(world))

    def browser(self, page: Page) -> Client:
        """Return a client in which the permitted user is logged in."""
        if page.person is None:
            return Client()
        return logged_in(self.staff if page.person == "staff" else getattr(self.ours, page.person))

    def calls(self, page: Page, client: Client, world: World) -> Iterator[tuple[str, Any]]:
        """Yield the responses to GET and POST, each in a transaction that is rolled back."""
        address = self.address(page, world)
        for method in ("get", "post"):
            with transaction.atomic():
                data = page.data(world) if method == "post" and page.data else {}
                yield method, getattr(client, method)(address, data)
                transaction.set_rollback(True)


class EveryPage(Walk):
    """Each page works for permitted users, and is a 404 for other companies and a 403 for colleagues."""

    def test_every_address_has_an_entry(self) -> None:
        found = {name for name in names(get_resolver().url_patterns) if not name.startswith(ELSEWHERE)}
        self.assertEqual(found, set(PAGES))

    def test_right_person(self) -> None:
        for page in ENTRIES:
            client = self.browser(page)
            accepted = {"get": page.get, "post": page.data is not None}
            for method, response in self.calls(page, client, self.our_world):
                with self.subTest(page=page.name, method=method):
                    if accepted[method]:
                        self.assertEqual(self.caching(response), CACHING.get(page.name, "private, no-cache"))
                    if page.name == "action_callback" and method == "get":
                        self.assertEqual(response.status_code, 405)  # there is no page above it
                    elif not accepted[method]:
                        self.assertEqual(response.status_code, REFUSED_METHOD[method])
                    elif page.kwargs is no_token:
                        self.assertIn(response.status_code, {404, 410})  # the link is nonsense
                    elif page.name == "logout" and method == "post":
                        self.assertEqual(response["Location"], reverse("login"))
                    elif page.name == "health_ready":
                        # No worker runs, but one of another test may have lived within the last minute.
                        self.assertIn(response.status_code, {200, 500})
                    else:
                        self.assertIn(response.status_code, {200, 302, 307})
                        self.assertNotIn("/login/", response.get("Location", ""))

    def caching(self, response: Any) -> str:
        """Return the response's Cache-Control, without what only repeats that nothing is stored."""
        value: str = response.headers["Cache-Control"]
        return "private, no-store" if "no-store" in value else value

    def test_another_companys_row_does_not_exist(self) -> None:
        """The response is the same as for an unknown id, whatever the user's roles."""
        of_companies = [page for page in ENTRIES if page.kwargs(self.our_world) and not page.is_everybodys]
        pages = [page for page in of_companies if page.person not in {None, "staff"}]
        self.assertGreater(len(pages), 8)
        clients = {person: logged_in(person) for person in self.theirs.everybody}
        for page, anybody in zip(pages, cycle(clients)):  # each person comes to many pages
            accepted = {"get": page.get, "post": page.data is not None}
            assert page.person is not None
            for person in {self.theirs.admin, getattr(self.theirs, page.person), anybody}:
                client = clients[person]
                for method, response in self.calls(page, client, self.our_world):
                    with self.subTest(page=page.name, method=method, person=person.first_name):
                        self.assertEqual(
                            response.status_code, 404 if accepted[method] else REFUSED_METHOD[method]
                        )

    def test_colleague_without_the_right(self) -> None:
        clients = [(person, logged_in(person)) for person in self.ours.everybody[1:]]
        for page in ENTRIES:
            if page.person != "admin":
                continue
            accepted = {"get": page.get, "post": page.data is not None}
            for person, client in clients:
                for method, response in self.calls(page, client, self.our_world):
                    with self.subTest(page=page.name, method=method, person=person.first_name):
                        self.assertEqual(
                            response.status_code, 403 if accepted[method] else REFUSED_METHOD[method]
                        )

    def test_staffs_pages_do_not_exist_for_people_of_companies(self) -> None:
        clients = [(person, logged_in(person)) for person in self.ours.everybody]
        for page in ENTRIES:
            if page.person != "staff":
                continue
            accepted = {"get": page.get, "post": page.data is not None}
            for person, client in clients:
                for method, response in self.calls(page, client, self.our_world):
                    with self.subTest(page=page.name, method=method, person=person.first_name):
                        self.assertEqual(
                            response.status_code, 404 if accepted[method] else REFUSED_METHOD[method]
                        )

    def test_visitors_are_sent_to_log_in(self) -> None:
        for page in ENTRIES:
            if page.person is None or page.name in {"logout"}:
                continue
            address = self.address(page, self.our_world)
            response = Client().get(address) if page.get else Client().post(address)
            with self.subTest(page=page.name):
                self.assertEqual(response.status_code, 302)
                self.assertTrue(response["Location"].startswith(reverse("login")))

    def test_form_that_was_kept_is_shown_and_not_obeyed(self) -> None:
        """What was sent after the log-in ended is there again, and nothing has happened."""
        found = set()
        for page in ENTRIES:
            address = self.address(page, self.our_world)
            if page.data is None or page.person in {None, "staff"} or not keeps_forms(resolve(address).func):
                continue
            # No row of the lists is the ticket admin's.
            person: CustomUser = getattr(self.ours, page.person.replace("ticket_admin", "admin"))
            with self.subTest(page=page.name), transaction.atomic():
                row = {"address": address, "fields": urlencode(page.data(self.our_world), doseq=True)}
                # A question without a form has nothing to show again, nor has a field of no kind.
                if not row["fields"] or page.name == "field_create":
                    continue
                with self.ours.scope():
                    UnsentForm.objects.create(person=person, **row)
                before = audited()
                response = logged_in(person).get(f"{address}?{UNSENT}=1")
                self.assertContains(response, "Please check it and send it.")
                self.assertContains(response, '<input type="hidden" name="_unsent" value="1">')
                self.assertEqual(audited(), before)
                found.add(page.name)
                transaction.set_rollback(True)
        self.assertGreater(len(found), 25)

    def test_ids_beyond_any_number(self) -> None:
        for page in ENTRIES:
            kwargs = page.kwargs(self.our_world)
            for name in kwargs:
                if name == "token" or not page.get:
                    continue
                with self.subTest(page=page.name):
                    address = reverse(page.name, kwargs=kwargs | {name: 99999999999999999999999999})
                    self.assertEqual(self.browser(page).get(address).status_code, 404)


class ForeignChoices(Walk):
    """Choice fields refuse ids of another company."""

    def test_every_choice_field(self) -> None:
        foreign = {
            "people": [self.theirs.worker.pk],
            "members": [self.theirs.worker.pk],
            "company_roles": [self.their_world.role.pk],
        }
        tried = 0
        for page in ENTRIES:
            data = page.data(self.our_world) if page.data else {}
            for field in set(data) & set(foreign):
                with self.subTest(page=page.name, field=field):
                    address = self.address(page, self.our_world)
                    before = self.memberships()
                    response = self.browser(page).post(address, {**data, field: foreign[field]}, follow=True)
                    form = response.context["form"]
                    errors = form.errors.get(field) if form.is_bound else list(response.context["messages"])
                    self.assertTrue(errors)
                    self.assertEqual(self.memberships(), before)
                    tried += 1
        self.assertGreater(tried, 3)

    def memberships(self) -> list[Any]:
        with self.ours.scope():
            return list(CompanyRoleMembership.objects.order_by("pk").values_list("role_id", "person_id"))


class WatchedQuery(QueryDict):
    """The parameters of an address, which note the names of those that are read."""

    read: ClassVar[set[str]] = set()

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))  # some are only read if they are there
        return super().__contains__(key)

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def _getlist(self, key: str, default: Any = None, force_list: bool = False) -> Any:
        self.read.add(key)
        return super()._getlist(key, default, force_list)  # type: ignore[misc]  # private in Django

    def lists(self) -> Any:
        """Return all parameters; copies and encoded queries are made of them."""
        self.read.add("unknown")
        return super().lists()


@pytest.mark.slow
class HostileTexts(Walk):
    """No text causes a server error, becomes a tag, or is evaluated as a template."""

    def test_every_parameter_of_every_page(self) -> None:
        pages_that_read = 0
        for page in ENTRIES:
            if not page.get:
                continue
            client, address = self.browser(page), self.address(page, self.our_world)
            read = self.parameters(page, client, address)
            pages_that_read += bool(read)
            typed = set(page.search)
            # They come apart, because a wrong choice may hide what a typed text would do. `before`, of
            # which lists read nothing if `after` is there, hides nothing (`tests/test_list_addresses.py`).
            self.get_each(page, client, address, read - typed - {"before"}, EACH_KIND)
            self.get_each(page, client, address, typed | (read & {"before"}), TYPED)
        self.assertGreater(pages_that_read, 20)

    def parameters(self, page: Page, client: Client, address: str) -> set[str]:
        """Return the names of the parameters that the page reads; it can only repeat the one sent."""
        WatchedQuery.read.clear()
        with mock.patch("django.core.handlers.wsgi.QueryDict", WatchedQuery):
            self.get_hostile(page, client, address, {"unknown": ECHOED})
        return set(WatchedQuery.read)

    def get_each(
        self, page: Page, client: Client, address: str, names: set[str], texts: tuple[str, ...]
    ) -> None:
        for text in texts if names else ():
            self.get_hostile(page, client, address, dict.fromkeys(names, text))

    def get_hostile(self, page: Page, client: Client, address: str, sent: dict[str, Any]) -> None:
        query = urlencode(sent, doseq=True, errors="surrogatepass")
        with self.subTest(page=page.name, sent=query[:80]):
            response = client.get(f"{address}?{query}")
            self.assertIn(response.status_code, {200, 302, 400, 404, 410, *self.expected(page)})
            self.assert_harmless(response)

    def test_every_field_of_every_form(self) -> None:
        for page in ENTRIES:
            if page.data is None:
                continue
            client = self.browser(page)
            logged_in_cookies = client.cookies
            address = self.address(page, self.our_world)
            valid = {
                name: value[0] if isinstance(value, list) else value
                for name, value in page.data(self.our_world).items()
            }
            posts = [(name, text) for name in valid for text in kinds_for(str(valid[name]))]
            for name, sent in [*posts, ("unknown", ECHOED)]:
                with self.subTest(page=page.name, field=name, sent=sent[:40]), transaction.atomic():
                    client.cookies = deepcopy(logged_in_cookies)  # the page may have changed them
                    response = post_raw(client, address, valid | {name: sent})
                    self.assertIn(response.status_code, {200, 302, 307, 400, 404, 409, 410, 429})
                    self.assert_harmless(response)
                    transaction.set_rollback(True)

    def assert_harmless(self, response: Any) -> None:
        if response.get("Content-Type", "").startswith("text/html"):
            for harm in (b"<script>alert(1)", b"<img src=x", b"49{%"):
                self.assertNotIn(harm, response.getvalue())

    def expected(self, page: Page) -> set[int]:
        return {500} if page.name == "health_ready" else set()


def _no_scope(**_dimensions: int) -> AbstractContextManager[None]:
    wall: AbstractContextManager[None] = scopes_disabled()
    return wall


class SecondWallOnPages(CommittedTestCase):
    """With the first wall switched off, the database alone keeps other companies' data off every page."""

    def test_no_page_shows_anything_of_theirs(self) -> None:
        with self.ours.scope(), transaction.atomic():
            ours = World(self.ours)
        with self.theirs.scope(), transaction.atomic():
            theirs = World(self.theirs)
        secrets = ["Theirs", "theirs.example", theirs.role.name]
        switched_off = mock.patch("ticketflower.tenancy.context.scope", new=_no_scope)
        pages_with_our_name = 0
        with switched_off:
            self.assert_first_wall_is_off()
            for page in ENTRIES:
                if page.person in {None, "staff"} or not page.get:
                    continue
                client = logged_in(getattr(self.ours, page.person))
                page_text = client.get(reverse(page.name, kwargs=page.kwargs(ours))).getvalue().decode()
                with self.subTest(page=page.name):
                    for secret in secrets:
                        self.assertNotIn(secret, page_text)
                    pages_with_our_name += self.ours.company.name in page_text
                    if page.kwargs(theirs) and not page.is_everybodys:
                        foreign = client.get(reverse(page.name, kwargs=page.kwargs(theirs)))
                        self.assertEqual(foreign.status_code, 404)
        self.assertGreater(pages_with_our_name, 8)

    def assert_first_wall_is_off(self) -> None:
        with self.ours.scope(), transaction.atomic():
            self.assertNotIn("company_id", str(CustomUser.objects.all().query.where))
