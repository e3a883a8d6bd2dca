"""The texts of a picture: names, labels and sentences of each definition."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.workflow import (
    CompletionFile,
    CompletionStatus,
    PartFile,
    TaskFile,
    TaskType,
    TicketFile,
)
from workflow_design.picture.graph import FieldEdge
from workflow_design.wording.due_times import describe_due
from workflow_design.wording.messages import describe_target, message_label
from workflow_design.wording.people import describe_approval
from workflow_design.wording.rules import Vocabulary, describe_rule, join_words

_MAX_FOLLOWERS: Final = 12
_TASK_LABELS: Final[dict[str, Any]] = {
    TaskType.FORM: gettext_lazy("Form"),
    TaskType.SYNC_ACTION: gettext_lazy("Action"),
    TaskType.ASYNC_ACTION: gettext_lazy("Action, answered later"),
}
_END_SENTENCES: Final[dict[str, Any]] = {
    CompletionStatus.COMPLETED: gettext_lazy("It completes the workflow."),
    CompletionStatus.CANCELLED: gettext_lazy("It cancels the workflow."),
    CompletionStatus.ON_HOLD: gettext_lazy("It puts the workflow on hold."),
}


def kind_label(definition: PartFile) -> str:
    """Return the type of a definition, in one or two words."""
    if isinstance(definition, TicketFile):
        return _("Ticket")
    if isinstance(definition, TaskFile):
        return message_label(definition.action) or str(_TASK_LABELS[definition.task_type])
    return str(CompletionStatus(definition.completion_status).label)


def css_modifier(definition: PartFile) -> str:
    """Return the type of a definition, as the end of a CSS class."""
    if isinstance(definition, TicketFile):
        return "ticket"
    word = definition.task_type if isinstance(definition, TaskFile) else definition.completion_status
    return word.lower().replace("_", "-")


def condition_label(definition: PartFile, vocabulary: Vocabulary) -> str:
    """Return the condition of a definition as the line under its title; "" if it has none."""
    if isinstance(definition, TicketFile) or definition.condition is None:
        return ""
    return _("if %(condition)s") % {"condition": describe_rule(definition.condition, vocabulary)}


def describe_definition(definition: PartFile, vocabulary: Vocabulary, followers: Sequence[PartFile]) -> str:
    """Describe all that a picture shows of a definition but its title; `followers` read what it writes."""
    target = describe_target(definition.action, vocabulary) if isinstance(definition, TaskFile) else ""
    parts = [f"{target or kind_label(definition)}."]
    if not isinstance(definition, TicketFile):
        parts.append(_describe_start(definition, vocabulary))
    if isinstance(definition, CompletionFile):
        parts.append(str(_END_SENTENCES[definition.completion_status]))
    if definition.writes:
        written = _join_titles(definition.writes, vocabulary, _("and"))
        parts.append(_("It writes %(fields)s.") % {"fields": written})
    if isinstance(definition, TaskFile) and definition.shown_fields:
        displayed = _join_titles(definition.shown_fields, vocabulary, _("and"))
        parts.append(_("It also shows %(fields)s.") % {"fields": displayed})
    if isinstance(definition, TaskFile) and definition.reset_fields:
        resets = _join_titles(definition.reset_fields, vocabulary, _("and"))
        parts.append(_("When it starts, it empties %(fields)s.") % {"fields": resets})
    if isinstance(definition, TaskFile) and definition.needs_approval:
        parts.append(describe_approval())
    if due := describe_due(definition, vocabulary):
        parts.append(due)
    if followers:
        titles = [f"“{follower.title}”" for follower in followers[:_MAX_FOLLOWERS]]
        if len(followers) > len(titles):
            titles.append(_("%(number)d others") % {"number": len(followers) - len(titles)})
        parts.append(_("Its output is read by %(titles)s.") % {"titles": join_words(titles, _("and"))})
    return " ".join(parts)


def _describe_start(definition: TaskFile | CompletionFile, vocabulary: Vocabulary) -> str:
    words = {
        "fields": _join_titles(definition.reads, vocabulary, _("or")),
        "condition": condition_label(definition, vocabulary),
    }
    if not definition.reads:
        return _("Nothing starts it.")
    if isinstance(definition, CompletionFile):
        start, conditional = (
            _("It is reached when %(fields)s is written."),
            _("It is reached when %(fields)s is written, %(condition)s."),
        )
    else:
        start, conditional = (
            _("It starts when %(fields)s is written."),
            _("It starts when %(fields)s is written, %(condition)s."),
        )
    return (conditional if words["condition"] else start) % words


def edge_text(edge: FieldEdge, definitions: Sequence[PartFile], vocabulary: Vocabulary) -> str:
    """Describe an edge in a sentence, or in two if the clock writes one of its fields."""
    writer, reader = definitions[edge.writer], definitions[edge.reader]
    answered, by_clock = _split_by_clock(edge, writer)
    clock = _("“%(reader)s” reads %(fields)s, which the clock sets when “%(writer)s” is overdue")
    parts = [(_("“%(writer)s” writes %(fields)s for “%(reader)s”"), answered), (clock, by_clock)]
    ends = {"writer": writer.title, "reader": reader.title}
    return "; ".join(
        text % {**ends, "fields": _join_titles(names, vocabulary, _("and"))} for text, names in parts if names
    )


def edge_label(edge: FieldEdge, writer: PartFile, vocabulary: Vocabulary) -> str:
    """Return the label of a line: its fields, and that it is followed if the writer is overdue."""
    answered, by_clock = _split_by_clock(edge, writer)
    return ", ".join(filter(None, [fields_label(answered, vocabulary), _("if overdue") if by_clock else ""]))


def _split_by_clock(edge: FieldEdge, writer: PartFile) -> tuple[list[str], list[str]]:
    """Return the fields of an edge that the writer answers, and those that the clock writes for it."""
    answered = [name for name in edge.fields if name in writer.writes]
    return answered, [name for name in edge.fields if name not in answered]


def fields_label(names: Sequence[str], vocabulary: Vocabulary) -> str:
    """Return the label of a line for these fields."""
    return ", ".join(vocabulary.title(name) for name in names)


def rail_text(
    writers: Sequence[str], readers: Sequence[str], names: Sequence[str], vocabulary: Vocabulary
) -> str:
    """Describe a rail in a sentence; writers and readers are titles."""
    return _("%(fields)s: written by %(writers)s, read by %(readers)s") % {
        "fields": _join_titles(names, vocabulary, _("and")),
        "writers": join_words([f"“{title}”" for title in writers], _("and")),
        "readers": join_words([f"“{title}”" for title in readers], _("and")),
    }


def _join_titles(names: Sequence[str], vocabulary: Vocabulary, last: str) -> str:
    return join_words([vocabulary.title(name) for name in names], last)
