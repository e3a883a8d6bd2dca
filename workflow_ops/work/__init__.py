"""What submitters and task workers do, and their pages."""
