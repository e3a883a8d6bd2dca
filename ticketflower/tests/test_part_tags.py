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


class Frames(SimpleTestCase):
    """Heads of sections, and the ends of forms."""

    def test_what_is_not_given_leaves_nothing_behind(self) -> None:
        head = part_tags.draw_section_head(Context({"title": "Files"}))
        self.assertEqual(head, '<div class="tf-section-head"><h2>Files</h2></div>')
        end = '<div class="tf-form-end"><div class="tf-form-buttons">{}</div></div>'
        button = '<button class="btn btn-primary">Save</button>'
        self.assertEqual(part_tags.draw_form_buttons(Context()), end.format(button))

    def test_everything_that_a_head_takes(self) -> None:
        given = {"id": "x", "title": "Files", "count": 0, "url": "/?a=1&b=2", "link": "All"}
        self.assertHTMLEqual(
            part_tags.draw_section_head(Context(given)),
            '<div class="tf-section-head"><h2 id="x">Files <span class="tf-muted">0</span></h2>'
            '<a href="/?a=1&amp;b=2">All</a></div>',
        )

    def test_everything_that_the_end_of_a_form_takes(self) -> None:
        given = {
            "submit": "Go",
            "second": "Draft",
            "second_name": "_draft",
            "cancel_url": "/",
            "cancel": "No",
        }
        self.assertHTMLEqual(
            part_tags.draw_form_buttons(Context({**given, "note": "Then", "danger": True, "wide": True})),
            '<div class="tf-form-end is-wide"><p class="tf-muted">Then</p><div class="tf-form-buttons">'
            '<button class="btn btn-danger">Go</button>'
            '<button class="btn btn-secondary" name="_draft" value="1">Draft</button>'
            '<a class="btn btn-link" href="/">No</a></div></div>',
        )

    def test_values_are_escaped(self) -> None:
        names = (
            "id",
            "title",
            "count",
            "url",
            "link",
            "submit",
            "second",
            "second_name",
            "cancel_url",
            "cancel",
        )
        values = Context(dict.fromkeys((*names, "note"), EVIL))
        head, end = part_tags.draw_section_head(values), part_tags.draw_form_buttons(values)
        self.assertEqual((head.count(ESCAPED), head.count(EVIL)), (5, 0))
        self.assertEqual((end.count(ESCAPED), end.count(EVIL)), (6, 0))


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
