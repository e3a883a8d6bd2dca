"""Tries all ways through a definition, and says what can go wrong (`engine.md`, "The check"). Pure."""
