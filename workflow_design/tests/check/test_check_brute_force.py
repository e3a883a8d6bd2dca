"""Tests that the check agrees with trying every value of every field (`docs/check.md`).

`test_exploration_properties` trusts the sample values; these tests do not.
"""

import json
import os
from itertools import product
from typing import Any, Final

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from workflow_design.check.check_file import Bounds
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.tests.check.agreement import AgreementTestCase
from workflow_design.tests.check.brute_force import BruteForce, TooManyError
from workflow_design.tests.check.test_samples import file_with

NAMES: Final = ("a", "b", "c", "d", "e")
PROPERTIES: Final[dict[str, Any]] = {
    "a": {"type": "string", "enum": ["x", "y", "z"]},
    "b": {"type": "boolean"},
    "c": {"type": "integer", "minimum": 0, "maximum": 2},
    "d": {"type": "string", "enum": ["x", "y"]},
    "e": {"type": "integer", "minimum": 0, "maximum": 2},
    "late": {"type": "boolean"},
    "later": {"type": "boolean"},
}
LATE: Final = ("late", "later")
"""The fields that only the clock writes."""
UNBOUNDED: Final = Bounds(states=50_000, seconds=None)

names = st.sampled_from(NAMES)
some_names = st.lists(names, min_size=1, max_size=2, unique=True)
few_names = st.lists(names, max_size=1)
atoms = st.one_of(
    st.builds(lambda op, v: {op: [{"var": "a"}, v]}, st.sampled_from(("==", "!=")), st.sampled_from("xyz")),
    st.builds(lambda op, v: {op: [{"var": "d"}, v]}, st.sampled_from(("==", "!=")), st.sampled_from("xy")),
    st.builds(lambda op, v: {op: [{"var": "c"}, v]}, st.sampled_from(("<", ">=", "==")), st.integers(0, 2)),
    st.builds(lambda left, right: {"==": [{"var": left}, {"var": right}]}, names, names),
    st.sampled_from(("<", ">=")).map(lambda op: {op: [{"var": "c"}, {"var": "e"}]}),
    names.map(lambda name: {"var": name}),
    names.map(lambda name: {"!": {"var": name}}),
    some_names.map(lambda each: {"missing": each}),
    some_names.map(lambda each: {"!": {"missing": each}}),
    st.just({"<": [{"+": [{"var": "c"}, 1]}, 3]}),  # fails where the number is empty
)
conditions = st.one_of(
    st.none(),
    atoms,
    atoms,
    st.builds(
        lambda op, each: {op: each}, st.sampled_from(("and", "or")), st.lists(atoms, min_size=2, max_size=3)
    ),
    st.builds(lambda test, then: {"if": [test, then, False]}, atoms, atoms),
)


is_late = st.sampled_from([{"var": "late"}, {"var": "later"}, {"!": {"var": "late"}}, {"missing": ["later"]}])
timed_conditions = st.one_of(
    conditions,
    is_late,
    st.builds(
        lambda op, each: {op: each}, st.sampled_from(("and", "or")), st.tuples(is_late, atoms).map(list)
    ),
)


def computed(draw: st.DrawFn, name: str) -> Any:
    """Draw a rule for one field: a constant, a counter, a copy, or a value of the answer."""
    rules: list[Any] = [{"var": "response.body.it"}]
    if name in "ce":
        others = st.sampled_from((name, "c", "e"))
        rules += [0, 2, {"min": [{"+": [{"var": f"workspace.{draw(others)}"}, 1]}, 2]}]
    else:
        rules += [True] if name == "b" else ["x", {"var": f"workspace.{name}"}]
    return draw(st.sampled_from(rules))


def task_body(draw: st.DrawFn, *, is_timed: bool) -> dict[str, Any]:
    """Draw a task without its title."""
    outputs = draw(some_names)
    body: dict[str, Any] = {
        "task_type": "FORM",
        "input_fields": draw(some_names),
        "output_fields": outputs,
        "condition": draw(timed_conditions if is_timed else conditions),
        "reset_fields": draw(st.sampled_from(([], [], outputs))),
    }
    if is_timed:
        body |= {"due_hours": 1, "overdue_field": draw(st.sampled_from((None, *LATE)))}
        body["input_fields"] += draw(st.sampled_from(([], [], ["late"], ["later"])))
    if draw(st.sampled_from((False, False, True))):
        body |= {"task_type": "SYNC_ACTION", "action_url": "https://example.com/"}
        if draw(st.booleans()):
            body["output_transform"] = {name: computed(draw, name) for name in outputs}
    return body


def task_bodies(draw: st.DrawFn, *, is_timed: bool) -> list[dict[str, Any]]:
    """Draw up to four tasks, some of them equal."""
    bodies: list[dict[str, Any]] = []
    for _number in range(draw(st.integers(1, 4))):
        is_twin = bool(bodies) and draw(st.sampled_from((False, False, True)))
        bodies.append(draw(st.sampled_from(bodies)) if is_twin else task_body(draw, is_timed=is_timed))
    return bodies


@st.composite
def files(draw: st.DrawFn, *, is_timed: bool = False) -> WorkflowFile:
    """Draw a small definition; most have something wrong. With `is_timed`, tasks can become overdue."""
    bodies = task_bodies(draw, is_timed=is_timed)
    tasks = [{"title": f"T{number}"} | body for number, body in enumerate(bodies)]
    completions = [
        {
            "title": f"C{number}",
            "completion_status": draw(st.sampled_from(("COMPLETED", "COMPLETED", "CANCELLED", "ON_HOLD"))),
            "fields": [*draw(some_names), *(draw(st.sampled_from(([], ["late"]))) if is_timed else ())],
            "condition": draw(timed_conditions if is_timed else conditions),
        }
        for number in range(draw(st.integers(1, 2)))
    ]
    tickets = [{"title": f"Ask {n}", "fields": draw(some_names)} for n in range(draw(st.integers(1, 2)))]
    return parse_workflow_file(
        json.dumps(
            {
                "format": "ticketflower-workflow/1",
                "title": "Random",
                "fields_schema": {
                    "type": "object",
                    "properties": PROPERTIES,
                    "required": draw(st.lists(names, max_size=5, unique=True)),
                },
                "tickets": tickets,
                "tasks": tasks,
                "completions": completions,
            }
        )
    )


some_examples = settings(
    max_examples=int(os.environ.get("RANDOM_FILES", "40")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


class BruteForceTests(AgreementTestCase):
    @some_examples
    @given(files())
    def test_both_find_the_same(self, file: WorkflowFile) -> None:
        self.compare(file)

    @some_examples
    @given(files(is_timed=True))
    def test_both_find_the_same_where_tasks_become_overdue(self, file: WorkflowFile) -> None:
        self.compare(file)

    def compare(self, file: WorkflowFile) -> None:
        try:
            expected = BruteForce(file, most=800).explore()
        except TooManyError:
            assume(False)
        report = self.assert_explored(file, expected)
        self.assertLessEqual(report.states, expected.states)

    def test_both_find_the_same_in_numbers_without_limits(self) -> None:
        for operator, constant in product(("<", "<=", ">", ">=", "==", "!="), (-1, 0, 1, 2)):
            file = file_with({"type": "integer"}, {operator: [{"var": "n"}, constant]})
            with self.subTest(operator=operator, constant=constant):
                self.assert_explored(file, BruteForce(file, most=800).explore())
