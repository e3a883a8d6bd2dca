"""Legal workflow files that are made to be expensive, for tests and measurements."""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
CHOICE = {"type": "string", "enum": ["a", "b", "c"]}
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
YES_NO = {"type": "boolean"}
_MAX_SCHEMA_LENGTH = 250_000
_MAX_CHOICES = 17_000


def documents() -> Iterator[tuple[str, Document]]:
    """Yield hostile documents, each with its name."""
    yield "101 forms of 16 terms", _forms(100, 16)
    yield "60 forms of 12 terms", _forms(60, 12)
    yield "45 forms of 40 terms", _forms(45, 40)
    yield "deep nesting", _deep()
    yield "deep comparisons", _deep_comparisons()
    yield "max of all fields", _wide()
    yield "long choices", _choices(60, 1000)
    yield "several of long choices", _choices(60, 1000, several=True)
    yield "100 choices, many fields", _choices(200, 100)
    yield "a long list with in", _membership()
    yield "lists over lists", _scoped()
    yield "long texts", _texts()
    yield "every task reads everything", _everything()
    yield "names in every list", _names()
    yield "parts without conditions", _plain()
    yield "large layouts", _layouts()
    yield "patterns", _patterns()
    yield "decimals", _decimals()
    yield "counting actions", _counters()
    yield "holds with a queue", _holds()
    yield "misspelt choices", _misspelt()


def _document(properties: Document, tickets: list[Document], tasks: list[Document], **more: Any) -> Document:
    names = list(properties)
    # It reads every field, and is rarely reached.
    rule = {"and": [{"!!": [{"var": name}]} for name in names[:40]]}
    end = {"title": "End", "completion_status": "COMPLETED", "fields": names[:40], "condition": rule}
    return {
        "format": "ticketflower-workflow/1",
        "title": "Hostile",
        "fields_schema": {"type": "object", "properties": properties},
        "tickets": tickets,
        "tasks": tasks,
        "completions": [end],
        **more,
    }


def _form(title: str, reads: list[str], writes: list[str], condition: Any = None) -> Document:
    form = {"title": title, "task_type": "FORM", "input_fields": reads, "output_fields": writes}
    return form | ({} if condition is None else {"condition": condition})


def _is(name: str, value: Any) -> Document:
    return {"==": [{"var": name}, value]}


def _forms(forms: int, terms: int) -> Document:
    names = [f"f{number}" for number in range(terms * 2)]
    tasks = [
        _form(
            f"Task {at}",
            names,
            [names[(at + step) % len(names)] for step in range(12)],
            {"or": [_is(names[(at + step) % len(names)], "ab"[step % 2]) for step in range(terms)]},
        )
        for at in range(forms)
    ]
    return _document(dict.fromkeys(names, CHOICE), [{"title": "Ask", "fields": names[:12]}], tasks)


def _deep() -> Document:
    rule: Any = _is("f0", "a")
    for _level in range(30):
        rule = {"and": [{"!!": [{"var": "f0"}]}, rule]} if _level % 2 else {"or": [_is("f1", "b"), rule]}
    names = [f"f{number}" for number in range(20)]
    tasks = [_form(f"Task {at}", names, names, rule) for at in range(75)]
    return _document(dict.fromkeys(names, TEXT), [{"title": "Ask", "fields": names}], tasks)


def _deep_comparisons() -> Document:
    rule: Any = {"var": "f0"}
    for level in range(30):
        rule = {"==": [rule, {"var": f"f{level % 20}"}]}
    names = [f"f{number}" for number in range(20)]
    tasks = [_form(f"Task {at}", names, names, {"<": [rule, at]}) for at in range(100)]
    return _document(dict.fromkeys(names, NUMBER), [{"title": "Ask", "fields": names}], tasks)


def _wide() -> Document:
    names = [f"f{number}" for number in range(400)]
    rule = {">": [{"max": [*({"var": name} for name in names), *range(1000)]}, 3]}
    tasks = [_form(f"Task {at}", ["f0"], [f"f{at}"], rule) for at in range(9)]
    return _document(dict.fromkeys(names, NUMBER), [{"title": "Ask", "fields": names}], tasks)


def _choices(fields: int, choices: int, *, several: bool = False) -> Document:
    one: Document = {"type": "string", "enum": [f"{number:x}" for number in range(choices)]}
    kind = {"type": "array", "items": one} if several else one
    names = [f"f{number}" for number in range(fields)]
    while len(str(dict.fromkeys(names, kind))) > _MAX_SCHEMA_LENGTH or len(names) * choices > _MAX_CHOICES:
        names.pop()
    operator = "in" if several else "=="
    tasks = [
        _form(f"Task {at}", [name], [name], {operator: ["1", {"var": name}]}) for at, name in enumerate(names)
    ]
    return _document(dict.fromkeys(names, kind), [{"title": "Ask", "fields": names}], tasks)


def _membership() -> Document:
    names = [f"f{number}" for number in range(20)]
    tasks = [
        _form(f"Task {at}", names, names, {"in": [{"var": names[at]}, [f"v{at}x{n}" for n in range(900)]]})
        for at in range(18)
    ]
    return _document(dict.fromkeys(names, TEXT), [{"title": "Ask", "fields": names}], tasks)


def _scoped() -> Document:
    one = {"type": "string", "enum": [f"{number:x}" for number in range(90)]}
    names = [f"f{number}" for number in range(20)]
    inner = {"some": [{"merge": [{"var": "f0"}] * 60}, {"==": [{"var": ""}, "zz"]}]}
    rule = {"some": [{"var": "f1"}, {"and": [inner] * 2}]}
    tasks = [
        _form(f"Task {at}", names, names, {"or": [rule, {"in": [f"{at:x}", {"var": "f2"}]}]})
        for at in range(45)
    ]
    several = {"type": "array", "items": one}
    return _document(dict.fromkeys(names, several), [{"title": "Ask", "fields": names}], tasks)


def _texts() -> Document:
    names = [f"f{number}" for number in range(6)]
    tasks = [
        _form(f"Task {at}", names, names, {"<": [{"var": names[at % 6]}, chr(65 + at) * 15_000]})
        for at in range(60)
    ]
    return _document(dict.fromkeys(names, TEXT), [{"title": "Ask", "fields": names}], tasks)


def _everything() -> Document:
    names = [f"f{number}" for number in range(45)]
    tasks = [
        _form(f"Task {at}", names, names, {"or": [{"var": name} for name in names[:20]]}) for at in range(100)
    ]
    return _document(dict.fromkeys(names, YES_NO), [{"title": "Ask", "fields": names}], tasks)


def _names() -> Document:
    names = [f"f{number}" for number in range(490)]
    tasks = [_form(f"Task {at}", names, names) for at in range(17)]
    return _document(dict.fromkeys(names, TEXT), [{"title": "Ask", "fields": names}], tasks)


def _plain() -> Document:
    names = [f"f{number}" for number in range(200)]
    tasks = [
        _form(
            f"Task {at}",
            [names[at], names[(at * 7 + 1) % 200]],
            [names[(at + 1) % 200], names[(at * 3 + 2) % 200]],
        )
        for at in range(200)
    ]
    return _document(dict.fromkeys(names, TEXT), [{"title": "Ask", "fields": names[:9]}], tasks)


def _layouts() -> Document:
    names = [f"f{number}" for number in range(100)]
    tasks = [
        _form(f"Task {at}", ["f0"], ["f1"]) | {"display_layout": [[name] for name in names]}
        for at in range(90)
    ]
    return _document(dict.fromkeys(names, TEXT), [{"title": "Ask", "fields": names}], tasks)


def _patterns() -> Document:
    names = [f"f{number}" for number in range(200)]
    kinds = {name: {"type": "string", "pattern": f"^(a{{0,30}}b?[c-e]+){{9}}{name}$"} for name in names}
    kinds["f0"] = {"type": "string", "pattern": "^((a?){30}){30}$"}
    tasks = [
        _form(f"Task {at}", [name], [name], {"in": ["zz", {"var": name}]}) for at, name in enumerate(names)
    ]
    return _document(kinds, [{"title": "Ask", "fields": names}], tasks)


def _decimals() -> Document:
    names = [f"f{number}" for number in range(20)]
    product: Any = {"*": [{"var": name} for name in names] * 6}
    tasks = [
        _form(f"Task {at}", names, names, {"<": [{"+": [product, at / 7, 1e-15]}, 1e15]}) for at in range(40)
    ]
    return _document(dict.fromkeys(names, NUMBER), [{"title": "Ask", "fields": names}], tasks)


def _counters() -> Document:
    names = [f"f{number}" for number in range(8)]
    action = {"task_type": "SYNC_ACTION", "action_url": "https://example.com/"}
    tasks = [
        _form(f"Count {at}", [name], [name], {"<": [{"var": name}, 500]})
        | action
        | {"output_transform": {name: {"+": [{"var": f"workspace.{name}"}, 1]}}}
        for at, name in enumerate(names)
    ]
    return _document(dict.fromkeys(names, NUMBER), [{"title": "Ask", "fields": names}], tasks)


def _holds() -> Document:
    names = [f"f{number}" for number in range(30)]
    action = {"task_type": "SYNC_ACTION", "action_url": "https://example.com/"}
    tasks = [_form(f"Act {at}", ["f0"], names[at : at + 8]) | action for at in range(20)]
    hold = {"title": "Hold", "completion_status": "ON_HOLD", "fields": ["f1"]}
    document = _document(dict.fromkeys(names, CHOICE), [{"title": "Ask", "fields": names[:3]}], tasks)
    document["completions"].append(hold)
    return document


def _misspelt() -> Document:
    one = {
        "type": "string",
        "enum": [f"{number:x}" + "abcdefghijklmnopqrstuvwxyz" * 2 for number in range(30)],
    }
    names = [f"f{number}" for number in range(10)]
    tasks = [
        _form(
            f"Task {at}",
            names,
            names,
            {
                "in": [
                    {"var": names[at % 10]},
                    [f"{n:x}" + "zyxwvutsrqponmlkjihgfedcba" * 2 for n in range(250)],
                ]
            },
        )
        for at in range(5)
    ]
    return _document(
        {"f0": one, **dict.fromkeys(names[1:], TEXT)}, [{"title": "Ask", "fields": names}], tasks
    )
