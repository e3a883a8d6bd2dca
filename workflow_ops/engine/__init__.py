"""How the decisions of the workflow engine are stored: tasks, assignment, errors, timeline and locks."""
