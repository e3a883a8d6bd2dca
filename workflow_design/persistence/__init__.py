"""From a workflow file to rows and back; the plan and the report stored for each version."""
