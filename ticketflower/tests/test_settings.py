"""Settings with which the site refuses to start."""

import os
import runpy
from typing import Any
from unittest.mock import patch

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from ticketflower import environment

PRODUCTION = {
    "SITE_URL": "https://tickets.example.com",
    "DEBUG": "",
    "DB_PASSWORD": "",
    "DJANGO_SECRET_KEY": "secret",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "ACTIONS_ALLOW_LOOPBACK": "",
}


def read_settings(**variables: str) -> dict[str, Any]:
    """Return the settings that these variables make of those of production."""
    with patch.dict(os.environ, {**PRODUCTION, **variables}):
        return runpy.run_path(str(environment.BASE_DIR / "ticketflower" / "settings.py"))


class Modes(SimpleTestCase):
    """What only one of production and development has."""

    def test_only_development_tells_the_browser_how_long_it_took(self) -> None:
        for site, expected in (("https://tickets.example.com", False), ("http://127.0.0.1:8000", True)):
            names = " ".join(read_settings(SITE_URL=site)["MIDDLEWARE"])
            self.assertEqual("server_timing" in names, expected, site)


class RefusedSettings(SimpleTestCase):
    """Each is read as the site starts, from an environment that is right but for one variable."""

    def refusal(self, error: type[Exception], **variables: str) -> str:
        """Return the message of the error that these variables cause."""
        with self.assertRaises(error) as caught:
            read_settings(**variables)
        return str(caught.exception)

    def test_calls_to_this_machine_in_production(self) -> None:
        message = "ACTIONS_ALLOW_LOOPBACK lets companies call this machine: for development only"
        self.assertEqual(self.refusal(ImproperlyConfigured, ACTIONS_ALLOW_LOOPBACK="true"), message)

    def test_production_without_keys(self) -> None:
        message = "DJANGO_SECRET_KEY and ENCRYPTION_KEYS must be set: see docs/operations.md"
        for name in ("ENCRYPTION_KEYS", "DJANGO_SECRET_KEY"):
            with self.subTest(name), patch.dict(os.environ, {"SECRET_KEY": ""}):
                self.assertEqual(self.refusal(ImproperlyConfigured, **{name: ""}), message)

    def test_keys_that_are_none(self) -> None:
        """One line says so, without the key."""
        message = "ENCRYPTION_KEYS must be 32 bytes in base64, or several such keys: see docs/operations.md"
        for site in ("https://tickets.example.com", "http://127.0.0.1:8000"):
            with self.subTest(site):
                self.assertEqual(self.refusal(ValueError, ENCRYPTION_KEYS="x", SITE_URL=site), message)
