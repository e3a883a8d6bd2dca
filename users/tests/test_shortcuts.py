"""Keyboard shortcuts: the page that lists them, and turning them off."""

import re
from pathlib import Path

from django.conf import settings
from django.test import Client

from ticketflower.shortcuts import SHORTCUTS
from users.tests.cases import CompanyTestCase, logged_in

PATH = "/users/shortcuts/"
SET = f"{PATH}set/"
# The script itself handles these: moving in lists, ticking, sending a form.
OF_THE_SCRIPT = {"Enter", "j", "k", "x", "Ctrl + Enter"}


class ShortcutTests(CompanyTestCase):
    """The page lists exactly the keys that elements of pages name."""

    def test_every_key_is_listed_and_used(self) -> None:
        sources = [*Path(settings.BASE_DIR, "templates").rglob("*.html")]
        sources += Path(settings.BASE_DIR, "workflow_ops").rglob("*.py")
        pattern = re.compile(r'(?:data-)?shortcut["\']?[=:] ?["\'](.)["\']')
        used = {key for source in sources for key in pattern.findall(source.read_text())}
        listed = {shortcut.keys for members in SHORTCUTS.values() for shortcut in members}
        self.assertEqual(listed - OF_THE_SCRIPT, used - OF_THE_SCRIPT)

    def test_page(self) -> None:
        answer = logged_in(self.ours.submitter).get(PATH)
        self.assertContains(answer, "<kbd>Ctrl + Enter</kbd>")
        self.assertContains(answer, "js/shortcuts.js")

    def test_turned_off_and_on(self) -> None:
        client = logged_in(self.ours.submitter)
        self.assertRedirects(client.post(SET, {"shortcuts": "off"}), PATH)
        answer = client.get(PATH)
        self.assertNotContains(answer, "js/shortcuts.js")
        self.assertContains(answer, "Shortcuts are off in this browser.")
        client.post(SET, {"shortcuts": "on"})
        self.assertContains(client.get(PATH), "js/shortcuts.js")

    def test_other_values(self) -> None:
        self.assertEqual(logged_in(self.ours.submitter).post(SET, {"shortcuts": "maybe"}).status_code, 400)

    def test_visitor(self) -> None:
        self.assertEqual(Client().get(PATH).status_code, 302)

    def test_wrong_method(self) -> None:
        self.assertEqual(logged_in(self.ours.submitter).post(PATH).status_code, 405)
