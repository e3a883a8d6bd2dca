"""Conditions and transforms: JsonLogic rules from untrusted users, evaluated safely.

`validate` rejects a rule before it is saved. `evaluate` computes its value within limits that do not depend
on time; it returns a value or raises ConditionError, never another exception. The rules are specified in
`docs/engine.md`, "Conditions"; `evaluation.py` describes the implementation.
"""
