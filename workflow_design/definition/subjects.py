"""Subjects and priorities of tickets, made of their data: "{summary}, {day}". Pure.

Braces stand for fields, as in messages (`definition.ready_made`). An empty field takes the words beside it
along: "{item} ({days} days), {city}" without days is "Drum, Berlin".
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext_noop

from ticketflower.formats import FORMAT
from workflow_design.definition.field_types import CHOICE, DATE, INTEGER, MONEY, NUMBER, TEXT
from workflow_design.definition.fields import BLANK, Field, FieldType, is_empty
from workflow_design.definition.ready_made import fields_in_text

MAX_SUBJECT_LENGTH: Final = 120
MAX_SUBJECT_TEMPLATE: Final = 400
SUBJECT_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "maxLength": MAX_SUBJECT_TEMPLATE,
    "pattern": r"^[^\x00-\x1f\x7f]*$",
    "description": gettext_noop("Use one line of text with fields in braces."),
}
IN_SUBJECTS: Final[tuple[FieldType, ...]] = (TEXT, CHOICE, INTEGER, NUMBER, MONEY, DATE)
"""The types of fields that a subject may show: everyone on the ticket reads it in lists and mails."""
_BY_DEFAULT: Final = (TEXT, CHOICE, DATE)
# Control characters, and those that turn the direction of what follows them.
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
_SPACES: Final = re.compile(r"[^\S\u00a0]+")
_TOKEN: Final = re.compile(
    r"(?P<brace>\{\{)|\{(?P<field>[^{}]*)\}|(?P<separator>\s*[,;:|·–—](?:\s+|$)|\s[-/](?:\s+|$))"  # noqa: RUF001
    r"|(?P<opens>\()|(?P<closes>\))|(?P<text>\s+|[^\s{},;:|·–—()]+|.)",  # noqa: RUF001
    re.DOTALL,
)
_JOINS_SIGNS: Final = re.compile("[\u0300-\u036f\u200c\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")

_Tokens = Iterator[tuple[str, str]]
_Show = Callable[[str], str]


@dataclass(frozen=True)
class Naming:
    """How the tickets of one type are named: by a text with fields, and by the place in a choice."""

    template: str
    priority_field: str
    fields: Mapping[str, Field]
    """The fields of the workspace."""

    @cached_property
    def subject_fields(self) -> frozenset[str]:
        """The names of the fields that make the subject."""
        return frozenset(fields_in_text(self.template)) & self.fields.keys()

    @cached_property
    def _tokens(self) -> list[tuple[str, str]]:
        return _tokens_of(_UNSEEN.sub(" ", self.template))

    def subject(self, data: Mapping[str, Any]) -> str:
        """Return the subject, in the current format; "" if all its fields are empty."""
        words = {name: _show(self.fields[name], data.get(name)) for name in self.subject_fields}
        if not any(words.values()):
            return ""
        text = _render(iter(self._tokens), lambda name: words.get(name, ""), brace="{")
        return _cut(_SPACES.sub(" ", text).strip())

    def priority(self, data: Mapping[str, Any]) -> int | None:
        """Return the place of the priority in its choice, the most urgent one first; None without one."""
        if self.priority_field not in self.fields:
            return None
        values = [choice.value for choice in self.fields[self.priority_field].choices]
        value = data.get(self.priority_field)
        return values.index(value) if value in values else None


def naming_of(
    template: str, priority_field: str | None, asked: Iterable[str], fields: Mapping[str, Field]
) -> Naming:
    """Return how tickets are named whose form asks for these fields."""
    return Naming(template or default_subject(asked, fields), priority_field or "", fields)


def default_subject(asked: Iterable[str], fields: Mapping[str, Field]) -> str:
    """Return the subject of tickets that have none: the first required short text, choice or date."""
    known = (fields[name] for name in asked if name in fields)
    name = next((each.name for each in known if each.required and each.type in _BY_DEFAULT), "")
    return f"{{{name}}}" if name else ""


def fields_for_subjects(asked: Collection[str], fields: Mapping[str, Field]) -> list[Field]:
    """Return those of the fields that a ticket's form asks for which its subject may show."""
    return [field for name, field in fields.items() if name in asked and field.type in IN_SUBJECTS]


def rename_in_subject(template: str, renaming: Callable[[str], str | None]) -> str:
    """Return the subject with other names of fields; those without one go, with the words beside them."""
    names = {name: renaming(name) for name in fields_in_text(template)}
    if all(name == new for name, new in names.items()):
        return template
    if not any(names.values()):
        return ""
    tokens = iter(_tokens_of(template))
    text = _render(tokens, lambda name: f"{{{names[name]}}}" if names[name] else "", brace="{{")
    return _SPACES.sub(" ", text).strip()


def _tokens_of(template: str) -> list[tuple[str, str]]:
    tokens = [(str(found.lastgroup), found[found.lastgroup or 0]) for found in _TOKEN.finditer(template)]
    depth = 0
    for kind, _text in tokens:
        depth += (kind == "opens") - (kind == "closes")
        if depth < 0:
            break
    # Brackets that don't match are signs like others.
    brackets = () if depth == 0 else ("opens", "closes")
    return [("text" if kind in brackets else kind, text) for kind, text in tokens]


def _render(tokens: _Tokens, show: _Show, *, brace: str) -> str:
    """Return the text up to its end or the end of a bracket, without the runs whose fields are all empty."""
    done, separator = "", ""
    run: list[tuple[bool, str]] = []
    for kind, text in tokens:
        if kind == "closes":
            break
        if kind == "separator":
            done, separator, run = _with_run(done, separator, run), text, []
        elif kind == "brace":
            run.append((False, brace))
        elif kind == "opens":
            inner = _render(tokens, show, brace=brace)
            run.append((True, f"({inner})" if inner else ""))
        else:
            run.append((kind == "field", show(text) if kind == "field" else text))
    return _with_run(done, separator, run)


def _with_run(done: str, separator: str, run: Iterable[tuple[bool, str]]) -> str:
    text = _render_run(run)
    return f"{done}{separator}{text}" if done and text else done or text


def _render_run(run: Iterable[tuple[bool, str]]) -> str:
    """Return texts and fields; an empty field takes the text before it along, at the start that after it."""
    done, text, follows_empty, has_fields = "", "", False, False
    for is_field, words in run:
        if not is_field:
            text += words
            continue
        has_fields = True
        if words:
            done += ("" if follows_empty and not done else text) + words
        text, follows_empty = "", not words
    if has_fields and not done:
        return ""
    return (done if follows_empty else done + text).strip()


def _show(field: Field, value: Any) -> str:
    """Return a value as it stands in a subject; "" if nothing can be seen of it."""
    if is_empty(value):
        return ""
    words = field.label_for(value) if field.choices else field.type.in_sentence(field, value) or str(value)
    if field.type is MONEY:
        words = f"{words}\u00a0{FORMAT.get().currency}".rstrip()
    words = _SPACES.sub(" ", _UNSEEN.sub(" ", words)).strip()
    return "" if BLANK.fullmatch(words) else words


def _cut(text: str) -> str:
    """Return the text, cut at the end of a word if it is too long."""
    if len(text) <= MAX_SUBJECT_LENGTH:
        return text
    at = MAX_SUBJECT_LENGTH - 1
    space = text.rfind(" ", MAX_SUBJECT_LENGTH // 2, at + 1)
    # One sign may consist of several characters.
    while space < 0 and at > 1 and (_JOINS_SIGNS.match(text[at]) or text[at - 1] == "\u200d"):
        at -= 1
    return text[: at if space < 0 else space].rstrip(" ,;:") + "…"
