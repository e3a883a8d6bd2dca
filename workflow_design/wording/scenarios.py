"""Scenarios in words: what is expected, and what came instead. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.engine.scenarios import Unmet
from workflow_design.wording.rules import Vocabulary, join_words

STATUSES: Final = {
    "NOT_STARTED": gettext_lazy("not started"),
    "IN_PROGRESS": gettext_lazy("in progress"),
    "ON_HOLD": gettext_lazy("on hold"),
    "COMPLETED": gettext_lazy("completed"),
    "CANCELLED": gettext_lazy("cancelled"),
}


class Expectation(NamedTuple):
    """One thing that a scenario expects: the member of `expect`, the field or task in it, and a sentence."""

    member: str
    name: str
    sentence: str


def list_expectations(expect: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Expectation]:
    """Yield each thing that is expected, with its sentence."""
    for member, content in expect.items():
        named = content if member in ("values", "assignees") else {"": content}
        for name, value in named.items():
            yield Expectation(member, name, _sentence(member, name, value, vocabulary))


def describe_unmet(unmet: Unmet, vocabulary: Vocabulary) -> str:
    """Return what was expected and what came instead, in one or two sentences."""
    if unmet.member == "moves":
        return _("Step %(number)d can't be played. %(reason)s") % {
            "number": unmet.expected,
            "reason": unmet.actual,
        }
    expected = _sentence(unmet.member, unmet.name, unmet.expected, vocabulary)
    if unmet.member == "refused":
        came = unmet.actual or _("It is played.")
    elif unmet.member == "assignees" and unmet.actual is None:
        came = _("“%(title)s” is not open.") % {"title": unmet.name}
    else:
        came = _sentence(unmet.member, unmet.name, unmet.actual, vocabulary)
    return _("Expected: %(expected)s Came: %(came)s") % {"expected": expected, "came": came}


def _sentence(member: str, name: str, value: Any, vocabulary: Vocabulary) -> str:
    if member == "status":
        return _("The workflow is %(status)s.") % {"status": STATUSES[value]}
    if member == "completion":
        title = {"title": value}
        return _("No completion is reached.") if value is None else _("“%(title)s” is reached.") % title
    if member == "unfinished":
        return _("Open: %(tasks)s.") % {"tasks": _quoted(value)} if value else _("No task is open.")
    if member == "assignees":
        people = join_words(list(value), _("or")) if value else _("nobody of the scenario")
        return _("“%(title)s” can be given to %(people)s.") % {"title": name, "people": people}
    if member == "values":
        words = {"field": vocabulary.title(name), "value": vocabulary.value(name, value)}
        return _("%(field)s is %(value)s.") % words
    return _refused(value, vocabulary)


def _refused(value: Any, vocabulary: Vocabulary) -> str:
    if isinstance(value, str):
        return _("The last step is refused because of %(field)s.") % {"field": vocabulary.title(value)}
    return _("The last step is refused.") if value else _("Every step can be played.")


def _quoted(titles: Sequence[str]) -> str:
    return join_words([_("“%(title)s”") % {"title": title} for title in titles], _("and"))
