"""Parts of pages that are drawn in Python."""

from types import SimpleNamespace
from typing import Any

from django.template import Context
from django.test import SimpleTestCase
from django.utils import timezone
from django.utils.safestring import SafeString

from ticketflower import part_tags
from ticketflower.template_tags import icon

EVIL = '"><b>'
ESCAPED = "&quot;&gt;&lt;b&gt;"


class Buttons(SimpleTestCase):
    """Buttons, and links that look like them."""

    def draw(self, tag: Any, **attributes: Any) -> str:
        return str(tag(Context(attributes)))

    def test_a_button_says_only_what_was_asked(self) -> None:
        html = self.draw(part_tags.draw_button, slot=SafeString("<i>Go</i>"))
        self.assertEqual(html, '<button class="btn btn-secondary"><i>Go</i></button>')

    def test_everything_that_a_button_takes(self) -> None:
        html = self.draw(
            part_tags.draw_button,
            kind="danger",
            is_small=True,
            is_wide_only=True,
            type="button",
            form="f",
            formaction="/x/",
            name="n",
            value="1",
            label="All",
            is_disabled=True,
            icon="trash",
            slot="Go",
        )
        expected = (
            '<button class="btn btn-danger btn-sm tf-wide-only" type="button" form="f" formaction="/x/" '
            f'name="n" value="1" aria-label="All" disabled>{icon("trash")}Go</button>'
        )
        self.assertEqual(html, expected)

    def test_everything_that_a_link_takes(self) -> None:
        html = self.draw(
            part_tags.draw_link_button,
            kind="",
            url="/?a=1&b=2",
            rel="next",
            shortcut="e",
            label="All",
            slot="Go",
        )
        expected = (
            '<a class="btn btn-secondary" href="/?a=1&amp;b=2" rel="next" data-shortcut="e" '
            'aria-label="All">Go</a>'
        )
        self.assertEqual(html, expected)

    def test_values_are_escaped(self) -> None:
        for tag in (part_tags.draw_button, part_tags.draw_link_button):
            for name in ("kind", "label", "slot"):
                html = self.draw(tag, **{name: EVIL})
                self.assertIn(ESCAPED, html)
                self.assertNotIn(EVIL, html)


class Rows(SimpleTestCase):
    """Labels with values, and events."""

    def test_values_of_mappings_and_objects(self) -> None:
        for make in (dict, SimpleNamespace):
            entries = [make(label=EVIL, value=EVIL), make(label="Empty", value="")]
            html = part_tags.draw_entries(Context(), entries)
            self.assertIn(f"<dt>{ESCAPED}</dt><dd>{ESCAPED}</dd>", html)
            self.assertIn('<dd><span class="tf-muted">Not filled in</span></dd>', html)
            self.assertNotIn("is-changed", html)

    def test_what_has_changed(self) -> None:
        entries = [{"label": "a", "value": "2", "was": EVIL}, {"label": "b", "value": "2", "was": ""}]
        html = part_tags.draw_entries(Context(), entries)
        self.assertEqual(html.count('class="is-changed"'), 2)
        self.assertIn(f"<del>{ESCAPED}</del>", html)
        self.assertIn("New. It was empty.", html)

    def test_events(self) -> None:
        """All texts of an event are escaped, and what it does not have leaves nothing behind."""
        plain = {"icon": "user", "text": "came", "at": timezone.now()}
        html = part_tags.draw_events(Context(), [plain])
        self.assertIn("tf-tone-neutral", html)
        for sign in ("<strong>", "<details", "tf-comment", "<a ", "no-print"):
            self.assertNotIn(sign, html)
        step = SimpleNamespace(url=EVIL, words=EVIL)
        texts = {"who": EVIL, "text": EVIL, "tone": EVIL, "comment": EVIL, "why": [EVIL, EVIL], "step": step}
        html = part_tags.draw_events(Context(), [{**plain, **texts, "is_only_progress": True}])
        self.assertEqual((html.count(ESCAPED), html.count(EVIL)), (8, 0))
        self.assertIn('<li class="no-print">', html)
