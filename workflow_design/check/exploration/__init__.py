"""Tries all ways through a definition, and says what can go wrong (`docs/check.md`). Pure."""
