"""Random definitions that split into branches and join them, most of them with something wrong.

The same seed makes the same definition on every machine.
"""

import json
from random import Random
from typing import Any

from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile

YES_NO = {"type": "boolean"}
VERDICT = {"type": "string", "enum": ["ok", "bad", "again"]}
COUNT = {"type": "integer", "minimum": 0, "maximum": 2}


class BranchingFile:
    """One random definition, put together from blocks."""

    def __init__(self, seed: int, *, is_timed: bool = False) -> None:
        self.random = Random(seed)  # noqa: S311, not for secrets
        self.is_timed = is_timed
        """Whether some tasks can become overdue."""
        self.asking = self.random.choice((0.1, 0.1, 1))
        """How likely the ticket asks whether a branch is needed."""
        self.asked: list[str] = []
        """The fields of the ticket that say whether branches are needed."""
        self.needs: dict[str, Any] = {}
        """The conditions on which branches are needed, by what they fill in."""
        self.properties: dict[str, Any] = {"go": YES_NO}
        self.required: set[str] = {"go"}
        self.tickets: list[dict[str, Any]] = [{"title": "Ask", "fields": ["go"]}]
        self.tasks: list[dict[str, Any]] = []
        self.completions: list[dict[str, Any]] = []

    def build(self) -> WorkflowFile:
        """Return the definition."""
        some = self.random
        results = [self._branch(number) for number in range(some.choice((2, 2, 2, 3)))]
        after = self._join(results)
        self._end(results, after)
        for _number in range(some.choice((0, 0, 0, 1, 1, 2))):
            self._disturb()
        for extra in (self._second_ticket, self._note):
            if some.random() < 0.1:
                extra()
        if self.is_timed:
            for _number in range(some.choice((1, 1, 2, 3))):
                self._time()
        some.shuffle(self.tasks)
        return parse_workflow_file(
            json.dumps(
                {
                    "format": "ticketflower-workflow/1",
                    "title": "Branches",
                    "fields_schema": {
                        "type": "object",
                        "properties": self.properties,
                        "required": sorted(self.required),
                    },
                    "tickets": self.tickets,
                    "tasks": self.tasks,
                    "completions": self.completions,
                }
            )
        )

    # --- Blocks ------------------------------------------------------------------------

    def _branch(self, number: int) -> str:
        """Add the tasks of one branch, and return the field that it fills in."""
        begin = "go"
        if self.random.random() < self.asking:
            begin = self._field(f"need_{number}", self.random.choice((YES_NO, YES_NO, VERDICT)))
            self.tickets[0]["fields"].append(begin)
            self.asked.append(begin)
        condition = self._about(begin) if begin != "go" or self.random.random() < 0.1 else None
        kinds = [self._simple, self._simple, self._two_steps, self._inner, self._grades]
        kinds += [self._simple] if begin != "go" else [self._loop, self._loop]
        done = self.random.choice(kinds)(number, begin, condition)
        if begin != "go":
            self.needs[done] = condition
        return done

    def _simple(self, number: int, begin: str, condition: Any) -> str:
        done = self._field(f"done_{number}", self.random.choice((YES_NO, VERDICT, COUNT)))
        self._task(f"Do {number}", [begin], [done], condition, resets=self._maybe([done]))
        return done

    def _two_steps(self, number: int, begin: str, condition: Any) -> str:
        first = self._field(f"first_{number}", YES_NO)
        done = self._field(f"done_{number}", self.random.choice((YES_NO, VERDICT)))
        self._task(f"First {number}", [begin], [first], condition)
        self._task(f"Then {number}", [first], [done], self._maybe(self._about(first)))
        return done

    def _loop(self, number: int, begin: str, condition: Any) -> str:
        draft, done = self._field(f"draft_{number}", YES_NO), self._field(f"done_{number}", VERDICT)
        self._task(f"Write {number}", [begin], [draft], condition)
        self._task(f"Judge {number}", [draft], [done], None, resets=self._mostly([done]))
        again = {"==": [{"var": done}, "again"]}
        self._task(f"Rewrite {number}", [done], [draft], again, resets=self._maybe([draft]))
        return done

    def _inner(self, number: int, begin: str, condition: Any) -> str:
        """Add a branch that itself splits and joins."""
        names = [self._field(f"part_{number}_{each}", YES_NO) for each in "ab"]
        done = self._field(f"done_{number}", YES_NO)
        for name in names:
            self._task(f"Do {name}", [begin], [name], condition)
        self._task(f"Sum {number}", names, [done], {"!": {"missing": names}})
        return done

    def _grades(self, number: int, begin: str, condition: Any) -> str:
        """Add a task that triggers itself."""
        done = self._field(f"done_{number}", VERDICT)
        again = {"==": [{"var": done}, "again"]}
        self._task(f"Grade {number}", [begin, done], [done], {"or": [{"!": {"var": done}}, again]})
        return done

    def _join(self, results: list[str]) -> str:
        after = self._field("after", VERDICT)
        listens = results if self.random.random() < 0.8 else self.random.sample(results, len(results) - 1)
        listens = [*listens, *(self._maybe(self.asked) or ())]
        resets = self._maybe([after])
        self._task("Join", listens, [after], self._joined(results), resets=resets)
        if self.random.random() < 0.35:
            back = self.random.choice(["go", *results])
            extra = self._mostly([back]) or []
            self._task("Back", ["after"], [back], {"==": [{"var": "after"}, "again"]}, resets=extra)
        if self.random.random() < 0.25:
            condition = self.random.choice((self._joined(results), {"==": [{"var": "after"}, "bad"]}))
            self._completion("Hold", "ON_HOLD", [*results, "after"], condition)
        return after

    def _joined(self, results: list[str]) -> Any:
        """Return the condition of a join."""
        filled = {"!": {"missing": results}}
        some = self.random.sample(results, self.random.randint(1, len(results)))
        each = [self._about(name) for name in some]
        if self.needs and self.random.random() < 0.8:
            # What is not needed does not have to be filled in.
            either = [self._needed(name) for name in results]
            parts = self.random.choice((either, either, either, [*either, *each], either[:-1]))
            return {"and": parts}
        return self.random.choice(
            (
                filled,
                filled,
                {"and": [filled, *each]},
                {"and": [filled, {"or": each}]},
                {"and": [self._about(name) for name in results]},
                {"and": [{"var": name} for name in results]},
                {"and": each},
                {"or": each},
                {"!": {"missing": some}},
                {"==": [{"var": results[0]}, {"var": results[-1]}]},
                None,
            )
        )

    def _needed(self, name: str) -> Any:
        if name not in self.needs:
            return {"!": {"missing": [name]}}
        return {"or": [{"!": [self.needs[name]]}, {"!": {"missing": [name]}}]}

    def _end(self, results: list[str], after: str) -> None:
        some = self.random
        condition = some.choice((None, None, self._about(after), {"!=": [{"var": after}, "again"]}))
        self._completion("End", "COMPLETED", [after], condition)
        if some.random() < 0.4:
            reads = [*results, *(self._maybe(self.asked) or ())]
            self._completion("Early", some.choice(("COMPLETED", "CANCELLED")), reads, self._joined(results))
        some.shuffle(self.completions)

    # --- Disturbances ------------------------------------------------------------------

    def _disturb(self) -> None:
        """Change one task or completion in some way."""
        some, task = self.random, self.random.choice(self.tasks)
        field = some.choice(sorted(self.properties))
        kind = some.randrange(7)
        if kind == 0:
            task["input_fields"] = sorted({*task["input_fields"], field})
        elif kind == 1:
            task["output_fields"] = sorted({*task["output_fields"], field})
        elif kind == 2:
            task["condition"] = self._about(field)
        elif kind == 3:
            task["reset_fields"] = list(task["output_fields"])
        elif kind == 4:
            self.required.discard(field)
        elif kind == 5:
            task |= {"task_type": "SYNC_ACTION", "action_url": "https://example.com/"}
            if some.random() < 0.5:
                outputs = task["output_fields"]
                task["output_transform"] = {name: self._computed(name) for name in outputs}
        else:
            part = some.choice([*self.tasks, *self.completions])
            part["condition"] = {"<": [{"+": [{"var": field}, 1]}, 2]}  # fails where the field is empty

    def _computed(self, name: str) -> Any:
        same = [each for each, schema in self.properties.items() if schema == self.properties[name]]
        return self.random.choice(
            ({"var": "response.body.it"}, {"var": f"workspace.{self.random.choice(sorted(same))}"})
        )

    def _second_ticket(self) -> None:
        fields = self.random.sample(sorted(self.properties), 2)
        self.tickets.append({"title": "Other", "fields": fields})

    def _note(self) -> None:
        """Add a task that nothing waits for."""
        note = self._field("note", YES_NO)
        self._task("Note", [self.random.choice(sorted(self.properties))], [note], None)

    def _time(self) -> None:
        """Let a task become overdue, and something read it: a task of its own, another one, or an end."""
        some, task = self.random, self.random.choice(self.tasks)
        late = some.choice(("late_0", "late_1", "late_2"))
        self.properties[late] = YES_NO
        task |= {"due_hours": 1, "overdue_field": late}
        kind = some.randrange(5)
        if kind <= 1:
            hurried = self._field(f"hurried_{len(self.tasks)}", some.choice((YES_NO, VERDICT)))
            self._task(f"Hurry {len(self.tasks)}", [late], [hurried], self._maybe({"var": late}))
        elif kind == 2:
            other = some.choice(self.tasks)
            other["input_fields"] = sorted({*other["input_fields"], late})
        elif kind == 3:
            some.choice(self.tasks)["condition"] = some.choice(({"var": late}, {"!": {"var": late}}))
        else:
            status = some.choice(("COMPLETED", "CANCELLED", "ON_HOLD"))
            self._completion(f"Late {len(self.completions)}", status, [late], self._maybe({"var": late}))

    # --- Parts -------------------------------------------------------------------------

    def _field(self, name: str, schema: dict[str, Any]) -> str:
        self.properties[name] = schema
        if self.random.random() < 0.9:
            self.required.add(name)
        return name

    def _about(self, name: str) -> Any:
        """Return a condition about one field."""
        var = {"var": name}
        if self.properties[name] == VERDICT:
            operator = self.random.choice(("==", "!="))
            return {operator: [var, self.random.choice(("ok", "bad", "again"))]}
        if self.properties[name] == COUNT:
            return self.random.choice(({"==": [var, 1]}, {"and": [var, {"<": [var, 2]}]}))
        return self.random.choice((var, var, {"!": var}, {"==": [var, False]}))

    def _task(
        self, title: str, reads: list[str], writes: list[str], condition: Any, *, resets: Any = None
    ) -> None:
        self.tasks.append(
            {
                "title": title,
                "task_type": "FORM",
                "input_fields": list(reads),
                "output_fields": list(writes),
                "condition": condition,
                "reset_fields": resets or [],
            }
        )

    def _completion(self, title: str, status: str, reads: list[str], condition: Any) -> None:
        self.completions.append(
            {"title": title, "completion_status": status, "fields": list(reads), "condition": condition}
        )

    def _maybe(self, value: Any) -> Any:
        return value if self.random.random() < 0.4 else None

    def _mostly(self, value: Any) -> Any:
        return value if self.random.random() < 0.8 else None
