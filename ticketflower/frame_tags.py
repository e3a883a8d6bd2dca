"""The tags of the frame around every page, loaded into every template (settings: builtins)."""

from collections.abc import Mapping, Sequence

from django import template
from django.core.cache import caches
from django.core.cache.utils import make_template_fragment_key
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.exceptions import TemplateSyntaxError
from django.utils import timezone
from django.utils.safestring import SafeString

from ticketflower.markup import fill
from ticketflower.relative_times import relative_and_exact

register = template.Library()
_FOR_A_DAY = 86400


@register.simple_tag
def exact_now() -> str:
    """Return the time at which the page is rendered, in full: "1 July 2026, 14:05"."""
    return relative_and_exact(timezone.now(), None)[1]


class _Pattern(Node):
    child_nodelists = ("body",)

    def __init__(
        self, name: str, depends_on: Sequence[FilterExpression], values: Mapping[str, FilterExpression]
    ) -> None:
        self.name, self.depends_on, self.values = name, depends_on, values
        self.body = NodeList()

    def render(self, context: Context) -> SafeString:
        cache = caches["template_fragments"]
        key = make_template_fragment_key(self.name, [each.resolve(context) for each in self.depends_on])
        pattern = cache.get(key)
        if pattern is None:
            pattern = self.body.render(context)
            cache.set(key, pattern, _FOR_A_DAY)
        return fill(pattern, **{name: value.resolve(context) for name, value in self.values.items()})


@register.tag
def pattern(parser: Parser, token: Token) -> Node:
    """Render a part of a page once, cache it, and fill in its `{names}` on each page.

    {% pattern greeting LANGUAGE_CODE with name=request.user %} … {name} … {% endpattern %}: the values before
    "with" are the cache key, as for {% cache %}. Those after it are escaped. The part itself may contain only
    our own texts, never data, in which a brace would be mistaken for a name.
    """
    bits = token.split_contents()[1:]
    if "with" not in bits:
        raise TemplateSyntaxError("pattern needs a name, and values after “with”")
    at = bits.index("with")
    name, *depends_on = bits[:at]
    node = _Pattern(
        name,
        [parser.compile_filter(each) for each in depends_on],
        token_kwargs(bits[at + 1 :], parser),
    )
    node.body = parser.parse(("endpattern",))
    parser.delete_first_token()
    return node
