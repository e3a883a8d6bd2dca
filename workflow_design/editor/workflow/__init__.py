"""Editor of the workflow itself, and of a whole draft as one workflow file."""
