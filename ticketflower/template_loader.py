"""The loader of our own templates: the spaces that indent them are not sent."""

import re
from pathlib import Path

from django.conf import settings
from django.template import Origin
from django_cotton import cotton_loader

FOLDER = Path(settings.BASE_DIR) / "templates"
_INDENTATION = re.compile(r"\n[ \t]+")


class Loader(cotton_loader.Loader):
    """django-cotton's loader, which keeps pages light: a list of 50 rows has 1,500 indented lines."""

    def get_contents(self, origin: Origin) -> str:
        """Return the template's source. Lines keep their numbers, for error messages."""
        contents: str = super().get_contents(origin)
        is_ours = origin.name.endswith(".html") and FOLDER in Path(origin.name).parents
        return _INDENTATION.sub("\n", contents) if is_ours else contents
