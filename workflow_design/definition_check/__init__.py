"""What is wrong with a definition and can be said without exploring it (`engine.md`, "The check": errors).

A definition with such a problem can't be published.
"""

from workflow_design.definition_check.check import check_definition
from workflow_design.engine.plan import plan_of

__all__ = ["check_definition", "plan_of"]
