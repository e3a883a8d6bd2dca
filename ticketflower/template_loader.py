"""The loader of our own templates: what makes them readable is not sent."""

import re
from pathlib import Path

from django.conf import settings
from django.template import Origin
from django_cotton import cotton_loader

FOLDER = Path(settings.BASE_DIR) / "templates"

_COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}\n?", re.DOTALL)
_INDENTATION = re.compile(r"\n[ \t]+")
# A line with nothing but one of these tags draws nothing by itself.
_CONTROL = re.compile(
    r"^({% (?:if|elif|else|endif|for|empty|endfor|with|endwith|load|block|endblock)\b(?:(?!%}).)*%})\n",
    re.MULTILINE,
)
# A browser shows no space where an element of this kind begins or ends, nor at the end of a tag.
_BLOCK = r"</?(?:tr|th|td|div|form|section|ul|ol|li|dl|dt|dd|p)\b"
_BEFORE_BLOCK = re.compile(rf"\n+(?={_BLOCK}|>)")
_AFTER_BLOCK = re.compile(rf"({_BLOCK}[^<>]*>)\n+")


def without_layout(source: str) -> str:
    """Return the template without its comments, its indentation and the line breaks that nobody sees."""
    source = _INDENTATION.sub("\n", _COMMENT.sub("", source))
    source = _CONTROL.sub(r"\1", source)
    return _AFTER_BLOCK.sub(r"\1", _BEFORE_BLOCK.sub("", source))


class Loader(cotton_loader.Loader):
    """django-cotton's loader. It keeps pages light: a list of 50 rows has 2,000 lines.

    While debugging the source stays as it is, so that error messages name the right line.
    """

    def get_contents(self, origin: Origin) -> str:
        """Return the source of the template."""
        contents: str = super().get_contents(origin)
        is_ours = origin.name.endswith(".html") and FOLDER in Path(origin.name).parents
        return without_layout(contents) if is_ours and not self.engine.debug else contents
