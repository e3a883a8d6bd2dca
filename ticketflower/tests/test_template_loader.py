"""What is left out of our templates before they are compiled."""

from django.template.loader import get_template
from django.test import SimpleTestCase


class LoaderTests(SimpleTestCase):
    def test_indentation_is_not_sent(self) -> None:
        """The line breaks stay, and the templates of packages are left as they are."""
        ours = get_template("components/tabs.html").template  # type: ignore[attr-defined]
        self.assertNotIn("\n ", ours.source)
        self.assertIn('\n<ul class="tf-tabs">\n', ours.source)
        theirs = get_template("admin/base.html").template  # type: ignore[attr-defined]
        self.assertIn("\n ", theirs.source)
