"""The tag that draws the rows of long lists, loaded into every template (settings: builtins)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from ticketflower.markup import fill

register = template.Library()


@register.simple_tag(takes_context=True)
def fill_rows(context: Context, rows: Iterable[Mapping[str, object]], pattern: str) -> SafeString:
    """Render the template of a row once, and fill in its `{names}` for each row: {% fill_rows rows "…" %}.

    So a row of a long list costs a hundredth of a template. Values are escaped. In the template itself, only
    our own words may stand, such as heads of columns, never data: a brace there would be taken for a name.
    """
    row: Any = get_template(pattern)
    drawn = row.template.render(context)
    return SafeString("".join(fill(drawn, **cells) for cells in rows))
