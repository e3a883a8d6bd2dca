"""The content of the log."""

import logging

from django.test import SimpleTestCase

from ticketflower.logs import hide_secrets


class HideSecrets(SimpleTestCase):
    """Links from e-mails can't be taken from the log."""

    def test_tokens_in_addresses_are_hidden(self) -> None:
        for path in ("/users/password-reset/", "/users/invitations/accept/"):
            event = hide_secrets(
                None, "info", {"request": f"GET {path}eyJ:secret/", "event": f"Gone: {path}secret/"}
            )
            self.assertEqual(event["request"], f"GET {path}…/")
            self.assertNotIn("secret", event["event"])

    def test_other_addresses_stay(self) -> None:
        event = hide_secrets(None, "info", {"request": "GET /users/people/7/", "code": 200})
        self.assertEqual(event, {"request": "GET /users/people/7/", "code": 200})


class Quiet(SimpleTestCase):
    """Verbose messages of third-party code are not logged."""

    def test_the_drawing_of_pictures(self) -> None:
        for name in ("rust-sugiyama.ranking", "connected_components"):
            self.assertFalse(logging.getLogger(name).isEnabledFor(logging.INFO), name)
            self.assertTrue(logging.getLogger(name).isEnabledFor(logging.WARNING), name)
