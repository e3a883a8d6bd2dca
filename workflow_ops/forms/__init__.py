"""Forms about tickets and tasks."""
