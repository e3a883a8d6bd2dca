"""Why something started or did not: one decision of the engine as a sentence. Pure.

A look comes as the JSON that `workflow_design.engine.Look.as_json` keeps.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from workflow_design.engine import Outcome
from workflow_design.rule_text import Vocabulary, join_words, rule_in_words

_PATTERNS: Final = {
    Outcome.STARTED: gettext_noop("%(name)s started, since %(written)s%(condition)s."),
    Outcome.REACHED: gettext_noop("%(name)s was reached, since %(written)s%(condition)s."),
    Outcome.REFRESHED: gettext_noop(
        "%(name)s was open already and shows the new data, since %(written)s%(condition)s."
    ),
    Outcome.CONDITION_FALSE: gettext_noop(
        "%(name)s did not start: %(written)s, but it starts only if %(rule)s%(values)s."
    ),
    Outcome.CONDITION_FAILED: gettext_noop(
        "%(name)s did not start: its condition can't be evaluated. %(message)s"
    ),
    Outcome.ALREADY_DECIDED: gettext_noop(
        "%(name)s was not asked: what ended the ticket or put it on hold came first."
    ),
    Outcome.WAITS: gettext_noop("%(name)s waits until the ticket is resumed."),
}
_NOT_REACHED: Final = {
    Outcome.CONDITION_FALSE: gettext_noop(
        "%(name)s was not reached: %(written)s, but it asks that %(rule)s%(values)s."
    ),
    Outcome.CONDITION_FAILED: gettext_noop(
        "%(name)s was not reached: its condition can't be evaluated. %(message)s"
    ),
}


def look_sentence(look: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """What became of one definition that a write concerned, and why."""
    outcome = Outcome(look["outcome"])
    pattern = _NOT_REACHED.get(outcome) if look["kind"] == "completion" else None
    rule = rule_in_words(look["condition"], vocabulary)
    return _(pattern or _PATTERNS[outcome]) % {
        "name": _("“%(title)s”") % {"title": look["title"]},
        "written": _written(look["fields_met"], vocabulary),
        "condition": "" if look["condition"] is None else _(" and %(rule)s") % {"rule": rule},
        "rule": rule,
        "values": _values(look["values_read"], vocabulary),
        "message": look["message"],
    }


def _written(names: list[str], vocabulary: Vocabulary) -> str:
    titles = join_words([vocabulary.title(name) for name in names], _("and"))
    return ngettext("%(fields)s was written", "%(fields)s were written", len(names)) % {"fields": titles}


def _values(read: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """What the condition read, in brackets."""
    words = [
        _("%(field)s is %(value)s")
        % {"field": vocabulary.title(name), "value": vocabulary.value(name, value)}
        for name, value in read.items()
    ]
    return _(" (%(values)s)") % {"values": join_words(words, _("and"))} if words else ""
