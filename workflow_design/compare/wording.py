"""Labels and texts of the members of a workflow file, for the comparison of two files. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ticketflower.clean_json import format_json
from workflow_design.definition.fields import Field, number_in_words
from workflow_design.definition.ready_made import fields_in_text, fill_in
from workflow_design.definition.workflow import CompletionStatus, TaskType, WorkflowFile
from workflow_design.engine.scenarios import Scenario
from workflow_design.wording import people
from workflow_design.wording.decisions import describe_moves
from workflow_design.wording.due_times import hours_in_words
from workflow_design.wording.messages import describe_message
from workflow_design.wording.rules import Vocabulary, describe_rule, join_words
from workflow_design.wording.scenarios import list_expectations
from workflow_design.wording.transforms import describe_transform

Formatter = Callable[[Any, Vocabulary], str]


def _text(value: Any, _vocabulary: Vocabulary) -> str:
    return str(value)


def _yes_no(value: Any, _vocabulary: Vocabulary) -> str:
    return _("Yes") if value else _("No")


def _seconds(value: Any, _vocabulary: Vocabulary) -> str:
    return "" if value is None else ngettext("%(n)d second", "%(n)d seconds", value) % {"n": value}


def _subject(template: str, vocabulary: Vocabulary) -> str:
    return fill_in(template, {name: f"“{vocabulary.title(name)}”" for name in fields_in_text(template)})


def _field_title(name: str | None, vocabulary: Vocabulary) -> str:
    return "" if name is None else vocabulary.title(name)


def _titles(names: Iterable[str], vocabulary: Vocabulary) -> str:
    return ", ".join(vocabulary.title(name) for name in names)


def _rule(rule: Any, vocabulary: Vocabulary) -> str:
    return describe_rule(rule, vocabulary)


def _transform(*, of_answer: bool) -> Formatter:
    def words(transform: Any, vocabulary: Vocabulary) -> str:
        lines = describe_transform(transform, vocabulary, of_answer=of_answer)
        return "\n".join(f"{name}: {value}" for name, value in lines) or _json(transform, vocabulary)

    return words


def _json(value: Any, _vocabulary: Vocabulary) -> str:
    return "" if value is None else format_json(value)


def _references(references: Iterable[Mapping[str, str]], _vocabulary: Vocabulary) -> str:
    each = (f"{one['Label']}: {one.get('Desc', '')} ({one['URI']})" for one in references)
    # A reference without a description leaves a gap, which is removed here.
    return "\n".join(text.replace(":  (", " (") for text in each)


def _assignee(name: str | None, vocabulary: Vocabulary) -> str:
    return "" if name is None else people.describe_assignee(name, vocabulary)


def _hours(value: float | None, _vocabulary: Vocabulary) -> str:
    return "" if value is None else hours_in_words(value)


def _kind(value: str, _vocabulary: Vocabulary) -> str:
    return str(TaskType(value).label)


def _status(value: str, _vocabulary: Vocabulary) -> str:
    return str(CompletionStatus(value).label)


def _layout(items: Iterable[Any], vocabulary: Vocabulary) -> str:
    return ", ".join(_item(item, vocabulary) for item in items)


def _item(item: Any, vocabulary: Vocabulary) -> str:
    if isinstance(item, str):
        return vocabulary.title(item)
    if isinstance(item, list):
        return join_words([_item(each, vocabulary) for each in item], _("beside"))
    if isinstance(item, dict) and "section" in item:
        inner = item.get("items")
        listed = _layout(inner, vocabulary) if isinstance(inner, list) else ""
        words = {"title": item["section"], "items": listed}
        return _("“%(title)s” with (%(items)s)") % words
    text = item.get("text") if isinstance(item, dict) else item
    return _("the text “%(text)s”") % {"text": text}


def _roles(format_names: Callable[[Iterable[str]], str]) -> Formatter:
    return lambda names, _vocabulary: format_names(names)


def _accepted(entries: Iterable[Mapping[str, str]], _vocabulary: Vocabulary) -> str:
    return "\n".join(
        f"{each.get('title') or each['pointer']} ({each['code']}): {each['reason']}" for each in entries
    )


MEMBERS: Final[dict[str, tuple[str | Promise, Formatter]]] = {
    "title": (gettext_lazy("Title"), _text),
    "description": (gettext_lazy("Description"), _text),
    "ext_ref": (gettext_lazy("References"), _references),
    "display_layout": (gettext_lazy("Layout for reading"), _layout),
    "edit_layout": (gettext_lazy("Layout of the form"), _layout),
    "ticket_admin_roles": (gettext_lazy("Tickets administered by"), _roles(people.describe_administrators)),
    "submitter_roles": (gettext_lazy("Submitted by"), _roles(people.describe_submitters)),
    "executor_roles": (gettext_lazy("Done by"), _roles(people.describe_workers)),
    "fields": (gettext_lazy("Fields"), _titles),
    "subject": (gettext_lazy("Subject"), _subject),
    "priority_field": (gettext_lazy("Priority"), _field_title),
    "task_type": (gettext_lazy("Kind"), _kind),
    "input_fields": (gettext_lazy("Starts when this is written"), _titles),
    "shown_fields": (gettext_lazy("Also shows"), _titles),
    "output_fields": (gettext_lazy("Writes"), _titles),
    "reset_fields": (gettext_lazy("Empties when it starts"), _titles),
    "condition": (gettext_lazy("Condition"), _rule),
    "assignee_field": (gettext_lazy("Assigned to"), _assignee),
    "not_submitter": (gettext_lazy("Never the submitter of the ticket"), _yes_no),
    "needs_approval": (gettext_lazy("A person confirms what a program answers"), _yes_no),
    "action_url": (gettext_lazy("Address"), _text),
    "connection": (gettext_lazy("Connection"), _text),
    "path": (gettext_lazy("Path"), _text),
    "action": (gettext_lazy("Message"), describe_message),
    "sample_response": (gettext_lazy("Sample of an answer"), _json),
    "input_transform": (gettext_lazy("Data to send"), _transform(of_answer=False)),
    "output_transform": (gettext_lazy("Use of the answer"), _transform(of_answer=True)),
    "timeout_seconds": (gettext_lazy("Time limit"), _seconds),
    "due_hours": (gettext_lazy("Due after"), _hours),
    "overdue_field": (gettext_lazy("When overdue, sets"), _field_title),
    "completion_status": (gettext_lazy("Status"), _status),
    "accepted": (gettext_lazy("Findings that are meant so"), _accepted),
}
"""The label and the formatter of each member of a part of a workflow file; no value gives ""."""

UNORDERED: Final = frozenset(
    {
        "ticket_admin_roles",
        "submitter_roles",
        "executor_roles",
        "fields",
        "input_fields",
        "shown_fields",
        "output_fields",
        "reset_fields",
    }
)
"""Lists whose order has no meaning."""


def describe_scenarios(file: WorkflowFile, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the people, steps and expectations of each scenario by its title, one a line."""
    texts = {}
    for scenario in map(Scenario.from_json, file.scenarios):
        people = [f"{name} ({', '.join(roles) or _('no role')})" for name, roles in scenario.people.items()]
        steps = describe_moves(scenario.moves, vocabulary)
        expected = [each.sentence for each in list_expectations(scenario.expect, vocabulary)]
        texts[scenario.title] = "\n".join([*people, *steps, *expected])
    return texts


def _field_kind(field: Field, _vocabulary: Vocabulary) -> str:
    return str(field.type.label)


def _choices(field: Field, _vocabulary: Vocabulary) -> str:
    return ", ".join(
        f"{choice.label} ({choice.value})" if choice.has_label else choice.label for choice in field.choices
    )


def _default(field: Field, vocabulary: Vocabulary) -> str:
    return "" if field.default is None else vocabulary.value(field.name, field.default)


def _examples(field: Field, vocabulary: Vocabulary) -> str:
    return ", ".join(vocabulary.value(field.name, value) for value in field.examples)


def _of(name: str, words: Formatter) -> Formatter:
    return lambda field, vocabulary: words(getattr(field, name), vocabulary)


def _number(name: str) -> Formatter:
    def words(field: Field, _vocabulary: Vocabulary) -> str:
        value = getattr(field, name)
        return "" if value is None else number_in_words(value, field.decimals)

    return words


FIELD_MEMBERS: Final[dict[tuple[str, ...], tuple[str | Promise, Formatter]]] = {
    ("title",): (gettext_lazy("Title"), _of("title", _text)),
    ("type",): (gettext_lazy("Kind"), _field_kind),
    ("help_text",): (gettext_lazy("Help"), _of("help_text", _text)),
    ("required",): (gettext_lazy("Required"), _of("required", _yes_no)),
    ("choices",): (gettext_lazy("Choices"), _choices),
    ("default",): (gettext_lazy("Default value"), _default),
    ("examples",): (gettext_lazy("Examples"), _examples),
    ("min_length",): (gettext_lazy("Minimum number of characters"), _number("min_length")),
    ("max_length",): (gettext_lazy("Maximum number of characters"), _number("max_length")),
    ("pattern",): (gettext_lazy("Pattern"), lambda field, _words: field.pattern or ""),
    ("minimum",): (gettext_lazy("Minimum"), _number("minimum")),
    ("maximum",): (gettext_lazy("Maximum"), _number("maximum")),
    ("exclusive_minimum",): (gettext_lazy("More than"), _number("exclusive_minimum")),
    ("exclusive_maximum",): (gettext_lazy("Less than"), _number("exclusive_maximum")),
    ("multiple_of",): (gettext_lazy("Multiple of"), _number("multiple_of")),
    ("min_items",): (gettext_lazy("Minimum number"), _number("min_items")),
    ("max_items",): (gettext_lazy("Maximum number"), _number("max_items")),
    ("is_filterable",): (gettext_lazy("Lists are filtered by it"), _of("is_filterable", _yes_no)),
}
"""The label and the formatter of each property of a field, by the attributes that it shows."""
