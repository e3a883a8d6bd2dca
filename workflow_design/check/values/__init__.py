"""Which values of fields are tried, and what conditions say about them (`docs/check.md`). Pure."""
