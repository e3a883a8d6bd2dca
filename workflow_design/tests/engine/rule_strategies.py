"""Hypothesis strategies for rules on the workspace `DATA`, without divisions, which the library rounds."""

from typing import Any

from hypothesis import strategies as st

numbers = st.integers(1, 20)
words = st.sampled_from(["a", "b", "ab", "banana", "2026-05-01"])
DATA = {
    "n": 7,
    "m": 12,
    "half": 2.5,
    "word": "banana",
    "yes": True,
    "no": False,
    "list": [1, 2, 3],
    "o": {"p": 4},
}


def _call(operator: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(*arguments).map(lambda values: {operator: list(values)})


def _any_of(operators: list[str], *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of([_call(operator, *arguments) for operator in operators])


number_rules: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        numbers
        | st.sampled_from([{"var": name} for name in ("n", "m", "half", "o.p", "list.1")])
        | _any_of(["+", "-", "*", "min", "max"], number_rules, number_rules)
        | _call("if", truth_rules, number_rules, number_rules)
        | _call(
            "reduce",
            list_rules,
            _call("+", st.just({"var": "accumulator"}), st.just({"var": "current"})),
            numbers,
        )
    )
)
text_rules: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        words
        | st.just({"var": "word"})
        | _call("cat", text_rules, text_rules)
        | _call("substr", text_rules, st.integers(-3, 3), st.integers(-3, 3))
        | _call("?:", truth_rules, text_rules, text_rules)
    )
)
# Above zero: of the item 0 the library makes {}.
item_rules: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        numbers
        | st.sampled_from([{"var": "n"}, {"var": "half"}])
        | _any_of(["+", "*"], item_rules, item_rules)
    )
)
list_rules: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        st.just({"var": "list"})
        | st.lists(item_rules, max_size=3)
        | _call("merge", list_rules, list_rules)
        | _call("map", list_rules, _call("*", st.just({"var": ""}), numbers))
        | _call("filter", list_rules, _call("<", st.just({"var": ""}), numbers))
    )
)
truth_rules: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        st.booleans()
        | st.sampled_from(
            [{"var": "yes"}, {"var": "no"}, {"missing": ["n", "x"]}, {"missing_some": [1, ["n", "x"]]}]
        )
        | _any_of(["<", "<=", ">", ">=", "==", "===", "!=", "!=="], number_rules, number_rules)
        | _any_of(["<", "<=", ">", ">=", "==", "===", "!=", "!==", "in"], text_rules, text_rules)
        | _any_of(["and", "or"], truth_rules, truth_rules)
        | _any_of(["!", "!!"], truth_rules)
        | _any_of(["all", "some", "none"], list_rules, _call(">", st.just({"var": ""}), numbers))
        | _call("in", number_rules, list_rules)
    )
)
