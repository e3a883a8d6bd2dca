"""The check of a workflow file: everything that can be proved about a definition (`docs/check.md`). Pure."""
