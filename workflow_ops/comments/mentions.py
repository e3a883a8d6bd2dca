"""People whom comments mention: picked in the form, or named in the text as "@Ilse Tanaka"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from django.db.models import Q, Value
from django.db.models.functions import Concat, StrIndex
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from users.models import CustomUser, PersonQuerySet
from workflow_ops.comments.audience import people_who_may_read
from workflow_ops.models import Comment


def meant_by(comment: Comment, picked: Collection[int]) -> list[CustomUser]:
    """Return the people who may read a comment and are mentioned by it; it need not be stored yet.

    They were picked in the form, or named in the text after an @. This takes two statements.
    """
    return named_in(comment.text, people_who_may_read(comment), picked)


def named_in(text: str, people: PersonQuerySet, picked: Collection[int]) -> list[CustomUser]:
    """Return those of `people` who were picked, or are named in the text after an @."""
    name = Concat(Value("@"), "first_name", Value(" "), "last_name")
    named = people.annotate(named_at=StrIndex(Value(text), name))
    found = list(named.filter(Q(pk__in=picked) | Q(named_at__gt=0)).order_by("pk"))
    names = set(_split(text, [person.get_full_name() for person in found])[1::2])
    return [person for person in found if person.pk in picked or f"@{person.get_full_name()}" in names]


def mark_names(text: str, names: Collection[str]) -> tuple[SafeString, list[str]]:
    """Return the text as HTML with these names marked, and the names that do not occur in it."""
    parts = _split(text, names)
    pairs = zip(parts[::2], [*parts[1::2], ""], strict=True)
    mark = format_html_join(
        "",
        "{}{}",
        ((plain, format_html('<mark class="tf-mention">{}</mark>', at) if at else "") for plain, at in pairs),
    )
    return mark, [name for name in names if f"@{name}" not in parts[1::2]]


def _split(text: str, names: Iterable[str]) -> list[str]:
    """Split the text; every second part is an @ with the longest of the names that matches."""
    longest_first = sorted(names, key=len, reverse=True)
    if not longest_first:
        return [text]
    return re.split(rf"(@(?:{'|'.join(map(re.escape, longest_first))}))(?!\w)", text)
