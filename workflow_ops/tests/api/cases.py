"""Helpers for tests of the API: programs that act for people with a token."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from users.models import CustomUser, Scope
from users.token_actions import make_token
from workflow_ops.tests.engine_cases import EngineTestCase


def make_secret(person: CustomUser, *scopes: Scope, by: CustomUser | None = None) -> str:
    """Return the secret of a new token, with all scopes that the person may have if none are named."""
    maker = by or person
    with maker.scope(), transaction.atomic():
        _token, secret = make_token(
            person,
            name=f"Program {token_urlsafe(4)}",
            scopes=scopes or [*Scope],
            expires_at=timezone.now() + timedelta(days=30),
            by=maker,
        )
    return secret


class Program:
    """A program that sends requests with a token."""

    def __init__(self, secret: str = "") -> None:
        self._client = Client(headers={"authorization": f"Bearer {secret}"} if secret else None)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send a request with a JSON body to a path under `/api/1/`; "_" in names of headers is "-"."""
        data = b"" if body is None else json.dumps(body).encode()
        response: Any = self._client.generic(
            method,
            path if path.startswith("/") else f"/api/1/{path}",
            data,
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        return response  # type: ignore[no-any-return]

    def get(self, path: str, **headers: str) -> HttpResponse:
        """Send a GET."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send a POST, with an empty object if there is no body."""
        return self.send("POST", path, {} if body is None else body, **headers)


class ApiTestCase(EngineTestCase):
    """Tests of the API in our company, with a workflow of two tasks."""

    def program(self, person: CustomUser, *scopes: Scope) -> Program:
        """Return a program with a token of the person."""
        return Program(make_secret(person, *scopes))

    def send(
        self, program: Program, method: str, path: str, body: Any = None, **headers: str
    ) -> HttpResponse:
        """Send a request, and let what follows its commit happen."""
        with self.captureOnCommitCallbacks(execute=True):
            return program.send(method, path, body, **headers)

    def problems(self, response: Any, status: int) -> Collection[str]:
        """Assert that the response has problem details with this status, and return the pointers in it."""
        self.assertEqual(response.status_code, status, response.content[:500])
        self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        content = json.loads(response.content)
        self.assertEqual(content["status"], status)
        self.assertTrue(content["detail"])
        return [problem["pointer"] for problem in content["errors"]]
