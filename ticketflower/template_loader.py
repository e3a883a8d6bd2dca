"""The template loader, which removes indentation from our own templates."""

import re
from pathlib import Path

from django.conf import settings
from django.template import Origin
from django_cotton import cotton_loader

FOLDER = Path(settings.BASE_DIR) / "templates"


class Loader(cotton_loader.Loader):
    """django-cotton's loader without indentation, for smaller pages: a list of 50 rows has 2,000 lines.

    Line breaks stay, so that error messages name the right line.
    """

    def get_contents(self, origin: Origin) -> str:
        """Return the source of the template."""
        contents: str = super().get_contents(origin)
        is_ours = origin.name.endswith(".html") and FOLDER in Path(origin.name).parents
        return re.sub(r"\n[ \t]+", "\n", contents) if is_ours else contents
