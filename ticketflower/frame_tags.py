"""The tags of the frame around every page, loaded into every template (settings: builtins)."""

from collections.abc import Mapping, Sequence

from django import template
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.exceptions import TemplateSyntaxError
from django.utils import timezone
from django.utils.safestring import SafeString

from ticketflower.markup import fill
from ticketflower.part_cache import make_once
from ticketflower.relative_times import relative_and_exact

register = template.Library()


@register.simple_tag
def exact_now() -> str:
    """Return the time at which the page is rendered, in full: "1 July 2026, 14:05"."""
    return relative_and_exact(timezone.now(), None)[1]


class _Once(Node):
    child_nodelists = ("body",)

    def __init__(self, name: str, depends_on: Sequence[FilterExpression], body: NodeList) -> None:
        self.name, self.depends_on, self.body = name, depends_on, body

    def render(self, context: Context) -> SafeString:
        key = (self.name, *(str(each.resolve(context)) for each in self.depends_on))
        return make_once(key, lambda: self.body.render(context))


@register.tag
def once(parser: Parser, token: Token) -> Node:
    """Render a part of a page once, and cache it: {% once search_box LANGUAGE_CODE %} … {% endonce %}.

    Its name is followed by everything on which it depends (`ticketflower.part_cache`).
    """
    name, *depends_on = token.split_contents()[1:]
    body = parser.parse(("endonce",))
    parser.delete_first_token()
    return _Once(name, [parser.compile_filter(each) for each in depends_on], body)


class _Pattern(_Once):
    def __init__(
        self,
        name: str,
        depends_on: Sequence[FilterExpression],
        body: NodeList,
        values: Mapping[str, FilterExpression],
    ) -> None:
        super().__init__(name, depends_on, body)
        self.values = values

    def render(self, context: Context) -> SafeString:
        pattern = super().render(context)
        return fill(pattern, **{name: value.resolve(context) for name, value in self.values.items()})


@register.tag
def pattern(parser: Parser, token: Token) -> Node:
    """Render a part of a page once, cache it, and fill in its `{names}` on each page.

    {% pattern greeting LANGUAGE_CODE with name=request.user %} … {name} … {% endpattern %}: the values before
    "with" are the cache key, as for {% once %}. Those after it are escaped. The part itself may contain only
    our own texts, never data, in which a brace would be mistaken for a name.
    """
    bits = token.split_contents()[1:]
    if "with" not in bits:
        raise TemplateSyntaxError("pattern needs a name, and values after “with”")
    at = bits.index("with")
    name, *depends_on = bits[:at]
    values = token_kwargs(bits[at + 1 :], parser)
    body = parser.parse(("endpattern",))
    parser.delete_first_token()
    return _Pattern(name, [parser.compile_filter(each) for each in depends_on], body, values)
