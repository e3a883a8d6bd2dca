"""Two versions of a workflow compared in words."""
