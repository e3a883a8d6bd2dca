"""All paths through a definition, to find what can go wrong (`docs/check.md`). Pure."""
