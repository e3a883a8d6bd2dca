"""Rules as sentences: `{"==": [{"var": "decision"}, "approve"]}` is "Decision is “Approve”"."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.comparisons import Comparison
from workflow_design.definition.field_types import TEXT
from workflow_design.definition.fields import Field, FieldType, number_in_words, title_from_name
from workflow_design.definition.schema import read_fields
from workflow_design.engine.conditions.bounds import split_operation

_COMPARISONS: Final = {
    "==": Comparison.IS,
    "===": Comparison.IS,
    "!=": Comparison.IS_NOT,
    "!==": Comparison.IS_NOT,
    "<": Comparison.LESS,
    "<=": Comparison.AT_MOST,
    ">": Comparison.MORE,
    ">=": Comparison.AT_LEAST,
}
_OPPOSITES: Final = {"==": "!=", "===": "!==", "!=": "==", "!==": "==="}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CALCULATIONS: Final = {"+": " + ", "-": " - ", "*": " × ", "/": " ÷ "}  # noqa: RUF001 - signs of multiplication
_TWO: Final = 2
_THREE: Final = 3


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of fields and their values, as users see them."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    names: Mapping[str, Mapping[str | float, str]] = field(default_factory=dict)
    """The label of each id in the data, for fields of people and files."""

    @classmethod
    def of_schema(cls, fields_schema: Mapping[str, Any]) -> "Vocabulary":
        """Build the vocabulary of a `fields_schema`, which may still be invalid."""
        return cls(read_fields(fields_schema))

    def title(self, name: str) -> str:
        """Return the title of a field, or a title made from its name."""
        return self.fields[name].title if name in self.fields else title_from_name(name)

    def type(self, name: str | None) -> FieldType:
        """Return the type of a field; that of texts if the field is unknown."""
        return self.fields[name].type if name and name in self.fields else TEXT

    def value(self, name: str | None, value: Any) -> str:
        """Return a value as it appears in a sentence about the field `name`."""
        if value is None:
            return _("empty")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        named = self._labels(name or "")
        texts = value if isinstance(value, list) else ()
        if texts and (self.type(name).item or all(isinstance(text, str) and text in named for text in texts)):
            return join_words([self.value(name, text) for text in texts], _("and"))
        label = named.get(value) if isinstance(value, str | int | float) else None
        # Dates and numbers are shown as elsewhere on the site, not as they are stored.
        known = self.fields.get(name or "")
        if label is None and known and (words := known.type.in_sentence(known, value)):
            return words
        if label is None and not isinstance(value, str):
            is_number = isinstance(value, int | float) and not (known and known.choices)
            return number_in_words(value) if is_number else json.dumps(value, ensure_ascii=False)
        return _("“%(text)s”") % {"text": label or value}

    def _labels(self, name: str) -> Mapping[str | float, str]:
        choices = self.fields[name].choices if name in self.fields else ()
        return self.names.get(name) or {each.value: each.label for each in choices if each.has_label}


def describe_rule(rule: Any, vocabulary: Vocabulary) -> str:
    """Return a rule as a sentence without a full stop. Parts that can't be described appear as JSON."""
    return _RuleWording(vocabulary).sentence(rule)


def describe_value(rule: Any, vocabulary: Vocabulary, *, about: str | None = None) -> str:
    """Return the value that a rule gives, in words; `about` is the field that gets it, if one does."""
    return _RuleWording(vocabulary).value(rule, about=about)


def join_words(words: list[str], last: str) -> str:
    """Join the words with commas, and with `last` before the last one: "a, b and c"."""
    if len(words) < _TWO:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


class _RuleWording:
    """Words for the parts of one rule: sentences for conditions, terms for values."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def sentence(self, rule: Any) -> str:
        operator, arguments = _operation(rule)
        describe = _SENTENCES.get(operator)
        if describe is not None:
            return describe(self, operator, arguments) or self._term(rule)
        if rule is None or isinstance(rule, bool):
            return _("never") if rule is False else _("always")
        return self._term(rule)

    def value(self, rule: Any, *, about: str | None) -> str:
        operator, _arguments = _operation(rule)
        if operator in _SENTENCES and operator != "var":
            return _("whether %(sentence)s") % {"sentence": self.sentence(rule)}
        return self._term(rule, about=about)

    def junction(self, operator: str, arguments: list[Any]) -> str:
        parts = [
            f"({self.sentence(part)})" if _operation(part)[0] in ("and", "or") else self.sentence(part)
            for part in arguments
        ]
        return (_(" and ") if operator == "and" else _(" or ")).join(parts)

    def comparison(self, operator: str, arguments: list[Any]) -> str:
        if len(arguments) != _TWO:
            return self._between(operator, arguments)
        left, right = arguments
        # "5 < days" reads better as "days is more than 5".
        if _field(left) is None and _field(right) is not None:
            left, right, operator = right, left, _MIRRORED.get(operator, operator)
        label = self._vocabulary.type(_field(left)).comparison_label(_COMPARISONS[operator])
        words = {"left": self._term(left), "is": label, "right": self._term(right, about=_field(left))}
        return _("%(left)s %(is)s %(right)s") % words

    def _between(self, operator: str, arguments: list[Any]) -> str:
        name = _field(arguments[1]) if len(arguments) == _THREE else None
        terms = [self._term(part, about=name) for part in arguments]
        if operator == "<=" and name is not None:
            words = {"low": terms[0], "field": terms[1], "high": terms[2]}
            return _("%(field)s is between %(low)s and %(high)s") % words
        return {"<": " < ", "<=": " ≤ "}.get(operator, "").join(terms)

    def membership(self, operator: str, arguments: list[Any]) -> str:
        if len(arguments) != _TWO:
            return ""
        item, container = arguments
        if isinstance(container, list):
            values = [self._term(value, about=_field(item)) for value in container]
            return _("%(left)s is %(right)s") % {
                "left": self._term(item),
                "right": join_words(values, _("or")),
            }
        return _("%(left)s contains %(right)s") % self._container_and_item(item, container)

    def _not_member(self, item: Any, container: Any) -> str:
        if not isinstance(container, list):
            return _("%(left)s does not contain %(right)s") % self._container_and_item(item, container)
        values = [self._term(value, about=_field(item)) for value in container]
        if len(values) == 1:
            return _("%(left)s is not %(right)s") % {"left": self._term(item), "right": values[0]}
        words = {"left": self._term(item), "right": join_words(values, _("nor"))}
        return _("%(left)s is neither %(right)s") % words

    def _container_and_item(self, item: Any, container: Any) -> dict[str, str]:
        return {"left": self._term(container), "right": self._term(item, about=_field(container))}

    def filled(self, operator: str, arguments: list[Any]) -> str:
        """Describe `{"var": …}` or `{"!!": …}`: a field that is filled in, or a rule that holds."""
        name = _field({"var": arguments} if operator == "var" else arguments[0] if arguments else None)
        if name is None:
            return self.sentence(arguments[0]) if operator == "!!" and len(arguments) == 1 else ""
        return str(self._vocabulary.type(name).is_true) % {"field": self._vocabulary.title(name)}

    def negation(self, operator: str, arguments: list[Any]) -> str:
        if len(arguments) != 1:
            return ""
        name, (inner, parts) = _field(arguments[0]), _operation(arguments[0])
        if name is not None:
            return str(self._vocabulary.type(name).is_false) % {"field": self._vocabulary.title(name)}
        # "is not" reads better than "not (… is …)".
        if inner in _OPPOSITES and len(parts) == _TWO:
            return self.comparison(_OPPOSITES[inner], parts)
        if inner == "in" and len(parts) == _TWO:
            return self._not_member(*parts)
        if inner == "missing":
            titles = self._titles(parts)
            pattern = _("%(fields)s is filled in") if len(titles) == 1 else _("%(fields)s are filled in")
            return pattern % {"fields": join_words(titles, _("and"))}
        return _("not (%(sentence)s)") % {"sentence": self.sentence(arguments[0])}

    def missing(self, operator: str, arguments: list[Any]) -> str:
        return _("%(fields)s is empty") % {"fields": join_words(self._titles(arguments), _("or"))}

    def _titles(self, names: list[Any]) -> list[str]:
        given = names[0] if names and isinstance(names[0], list) else names
        return [self._vocabulary.title(name) if _is_text(name) else self._term(name) for name in given]

    def _term(self, part: Any, *, about: str | None = None) -> str:
        name, (operator, arguments) = _field(part), _operation(part)
        if name is not None:
            return self._vocabulary.title(name)
        if operator in _CALCULATIONS and len(arguments) > 1:
            return _CALCULATIONS[operator].join(
                f"({self._term(each)})" if _operation(each)[0] in _CALCULATIONS else self._term(each)
                for each in arguments
            )
        if operator == "cat":
            return " + ".join(map(self._term, arguments))
        if operator in ("if", "?:") and len(arguments) > 1:
            return self._choice(arguments, about)
        if operator:
            return json.dumps(part, ensure_ascii=False)
        return self._vocabulary.value(about, part)

    def _choice(self, arguments: list[Any], about: str | None) -> str:
        """Describe the arguments of an `if`: condition, value, condition, value … and a value at the end."""
        words = [
            _("%(value)s if %(condition)s")
            % {"value": self.value(value, about=about), "condition": self.sentence(condition)}
            for condition, value in zip(arguments[::2], arguments[1::2], strict=False)
        ]
        if len(arguments) % _TWO:
            words.append(_("otherwise %(value)s") % {"value": self.value(arguments[-1], about=about)})
        return ", ".join(words)


_SENTENCES: Final[dict[str, Callable[[_RuleWording, str, list[Any]], str]]] = {
    "and": _RuleWording.junction,
    "or": _RuleWording.junction,
    **dict.fromkeys(_COMPARISONS, _RuleWording.comparison),
    "in": _RuleWording.membership,
    "var": _RuleWording.filled,
    "!!": _RuleWording.filled,
    "!": _RuleWording.negation,
    "missing": _RuleWording.missing,
}
"""The function that describes each operator; it returns "" if it can't describe the arguments."""


def _operation(rule: Any) -> tuple[str, list[Any]]:
    """Return the operator of a rule and its arguments; "" if the rule is a constant or malformed."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return "", []
    return split_operation(rule)


def _field(rule: Any) -> str | None:
    """Return the name of the field if the rule only reads a field."""
    operator, arguments = _operation(rule)
    return arguments[0] if operator == "var" and len(arguments) == 1 and _is_text(arguments[0]) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""
