"""The workflow itself, and a whole draft as one workflow file."""
