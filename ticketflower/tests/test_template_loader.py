"""What is left out of our templates before they are compiled."""

from django.template.loader import get_template
from django.test import SimpleTestCase

from ticketflower.template_loader import without_layout

SOURCE = """{% comment %}
A list. words.
{% endcomment %}
{% load i18n %}
<ul>
  {% for word in words %}
    <li>
      {% if word.url %}
        <a
          href="{{ word.url }}"
        >{{ word }}</a>,
      {% endif %}
      {% if word.who %}<b>{{ word.who }}</b>{% endif %}
      <i>so</i>
    </li>
  {% endfor %}
</ul>
"""


class LoaderTests(SimpleTestCase):
    def test_only_what_nobody_sees_is_left_out(self) -> None:
        """A space between words, links and icons stays, if only as a line break."""
        self.assertEqual(
            without_layout(SOURCE),
            "{% load i18n %}<ul>{% for word in words %}<li>{% if word.url %}"
            '<a\nhref="{{ word.url }}">{{ word }}</a>,\n'
            "{% endif %}{% if word.who %}<b>{{ word.who }}</b>{% endif %}\n<i>so</i></li>{% endfor %}</ul>",
        )

    def test_our_templates_are_loaded_so(self) -> None:
        """Those of packages are left as they are."""
        ours = get_template("components/tabs.html").template  # type: ignore[attr-defined]
        self.assertNotIn("\n ", ours.source)
        theirs = get_template("admin/base.html").template  # type: ignore[attr-defined]
        self.assertIn("\n ", theirs.source)
