"""Additions to the sentences of a timeline, after the verb: to whom, what changed, until when."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ticketflower.template_tags import exact_time
from workflow_design.wording.rules import Vocabulary, join_words
from workflow_ops.history.names import with_token
from workflow_ops.models import TimelineKind


def _assignee_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    if details.get("waits_for_action"):
        return gettext(", and waits for another system")
    if problem := details.get("problem"):
        return f". {problem}"
    return gettext(", assigned to %(name)s") % {"name": about} if about else ""


def _confirmer_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    return gettext(", for %(name)s to confirm") % {"name": about} if about else ""


def _last_time_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    return gettext(", for the last time: a person has to do it now") if details.get("is_last") else ""


def _preparer_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    """Return a text that says who prepared a confirmed answer, and what the person changed in it."""
    if not about:
        return ""
    words = {"name": with_token(about, details.get("prepared_with", ""))}
    titles = [vocabulary.title(str(name)) for name in details.get("differs") or ()]
    if not titles:
        return gettext(", prepared by %(name)s; changed nothing") % words
    words["fields"] = join_words(titles, gettext("and"))
    return gettext(", prepared by %(name)s; changed %(fields)s") % words


def _edited_fields(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    titles = [vocabulary.title(str(name)) for name in details.get("fields") or ()]
    return gettext(": %(fields)s") % {"fields": join_words(titles, gettext("and"))} if titles else ""


def _corrected_fields(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    return gettext("%(fields)s; started nothing") % {"fields": _edited_fields(details, about, vocabulary)}


def _completion_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    title = details.get("completion")
    return gettext(" as “%(completion)s”") % {"completion": title} if title else ""


def _hold_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    day = parse_date(str(details.get("until", "")))
    if day is None:
        return _completion_text(details, about, vocabulary)
    until = gettext(", until %(day)s") % {"day": exact_time(day)}
    return (
        gettext("%(until)s, when it resumes by itself") % {"until": until}
        if details.get("resumes_by_itself")
        else until
    )


def _since_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    since = parse_datetime(str(details.get("since", "")))
    return gettext(" since %(time)s") % {"time": exact_time(since)} if since else ""


def _requester_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    return gettext(" for %(name)s") % {"name": about} if about else ""


def _link_text(details: Mapping[str, Any], about: str, vocabulary: Vocabulary) -> str:
    words = {
        "RELATES": _(": it relates to #%(number)s"),
        "DUPLICATE": _(": it is a duplicate of #%(number)s"),
        "HAS_DUPLICATE": _(": #%(number)s is a duplicate of it"),
    }
    return str(words.get(details.get("link", ""), "")) % {"number": details.get("other", "")}


ADDITIONS: Final[dict[TimelineKind, Callable[[Mapping[str, Any], str, Vocabulary], str]]] = {
    TimelineKind.SUBMITTED: _requester_text,
    TimelineKind.TASK_PREPARED: _confirmer_text,
    TimelineKind.TASK_SENT_BACK: _last_time_text,
    TimelineKind.TASK_COMPLETED: _preparer_text,
    TimelineKind.LINKED: _link_text,
    TimelineKind.UNLINKED: _link_text,
    TimelineKind.TASK_STARTED: _assignee_text,
    TimelineKind.DATA_EDITED: _edited_fields,
    TimelineKind.DATA_CORRECTED: _corrected_fields,
    TimelineKind.TICKET_CORRECTED: _edited_fields,
    TimelineKind.ENDED: _completion_text,
    TimelineKind.HELD: _hold_text,
    TimelineKind.OVERDUE: _since_text,
}
