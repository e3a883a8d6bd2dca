"""The OpenAPI document and its page, and what all operations in it refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ticketflower.tenancy.context import company_scope
from users.filters import PeopleFilter
from users.models import AccessToken, CompanyRole, CustomUser, Scope
from users.tests.cases import logged_in
from workflow_ops.api.lists import list_parameters
from workflow_ops.tests.api.cases import ApiTestCase, Program, make_secret


class DocumentTests(ApiTestCase):
    def document(self) -> Any:
        return json.loads(self.client.get("/api/1/openapi.json").content)

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield method, path with ids of nothing, and description of each operation."""
        for path, operations in self.document()["paths"].items():
            for method, operation in operations.items():
                yield method.upper(), re.sub(r"{\w+}", "1", path), operation

    def test_what_it_says_of_each(self) -> None:
        self.assertEqual(self.document()["openapi"], "3.1.0")
        found = list(self.operations())
        self.assertGreater(len(found), 45)
        for method, path, operation in found:
            with self.subTest(f"{method} {path}"):
                self.assertTrue(operation["description"].strip())
                self.assertLessEqual(set(operation["x-scope"].split()), set(Scope.values))
                self.assertIn("default", operation["responses"])
                self.assertEqual(operation["security"], [{"Token": []}])
        names = [operation["operationId"] for _method, _path, operation in found]
        self.assertEqual(len(names), len(set(names)))

    def test_the_filters_of_pages_have_their_own_choices(self) -> None:
        list_parameters(PeopleFilter.base_filters, ())
        with self.ours.scope(), transaction.atomic():
            role = CompanyRole.objects.create(name="HR")
            form = PeopleFilter({"company_role": str(role.pk)}, CustomUser.objects.all()).form
            self.assertEqual(form.errors, {})

    def test_a_page_of_it(self) -> None:
        first = self.client.get("/api/1/docs/").content.decode()
        slugs = set(re.findall(r'href="([\w-]+)/"', first))
        pages = [self.client.get(f"/api/1/docs/{slug}/").content.decode() for slug in slugs]
        for method, _path, operation in self.operations():
            name = operation["operationId"]
            with self.subTest(name):
                self.assertEqual(first.count(f'/#{name}"'), 1)
                (page,) = (page for page in pages if f'id="{name}"' in page)
                part = page.split(f'id="{name}"')[1].split("</section>")[0]
                self.assertIn(f"<code>{operation['x-scope']}</code>", part)
                self.assertIn("curl", part)
                self.assertEqual("If-Match" in part, '"If-Match"' in json.dumps(operation))
                self.assertEqual("Idempotency-Key" in part, method == "POST")
        self.assertLess(max(map(len, [first, *pages])), 100_000)
        self.assertEqual(self.client.get("/api/1/docs/nothing/").status_code, 404)

    def test_a_cookie_opens_nothing(self) -> None:
        self.assertEqual(logged_in(self.ours.admin).get("/api/1/tickets").status_code, 401)

    def test_bad_tokens(self) -> None:
        """Ended, deleted, without the scope, of a deactivated person, and none at all."""
        person = self.ours.admin
        with company_scope(self.ours.company.pk):
            ended, deleted = make_secret(person), make_secret(person)
            one, two = AccessToken.objects.order_by("pk")
            AccessToken.objects.filter(pk=one.pk).update(expires_at=timezone.now() - timedelta(days=1))
            two.delete()
        gone = make_secret(self.ours.designer)
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.ours.designer.pk).update(is_active=False))
        scopes = {scope: Program(make_secret(person, scope)) for scope in Scope}
        for method, path, operation in self.operations():
            for secret in (ended, deleted, gone, "tf_nothing", ""):
                with self.subTest(f"{method} {path}", secret=secret[:4]):
                    self.problems(Program(secret).send(method, path, {}), 401)
            for scope, program in scopes.items():
                if scope != operation["x-scope"]:
                    with self.subTest(f"{method} {path}", scope=scope):
                        self.problems(program.send(method, path, {}), 403)

    def test_too_many_requests(self) -> None:
        program = self.program(self.ours.submitter, Scope.READ)
        with self.settings(LIMITS={"REQUESTS_OF_TOKEN": 2}):
            answers = [program.get("tickets") for _each in range(3)]
        self.assertEqual([answer.status_code for answer in answers], [200, 200, 429])
        self.assertEqual([answer.headers["RateLimit-Remaining"] for answer in answers], ["1", "0", "0"])
        self.assertTrue(1 <= int(answers[2].headers["Retry-After"]) <= 60)

    def test_policies(self) -> None:
        """JSON allows nothing; pages that tell about it have the policy of the site."""
        program = self.program(self.ours.submitter, Scope.READ)
        for path, status in (("tickets", 200), ("openapi.json", 200), ("nothing", 404)):
            response = program.get(path)
            self.assertEqual(response.status_code, status)
            policy = "default-src 'none'; frame-ancestors 'none'"
            self.assertEqual(response.headers["Content-Security-Policy"], policy, path)
        page = program.get("docs/")
        self.assertIn("style-src 'self'", page.headers["Content-Security-Policy"])
