"""The second transaction in parts: tasks, assignment, errors, timeline and locks."""
