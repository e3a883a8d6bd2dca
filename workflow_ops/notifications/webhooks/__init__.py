"""Webhooks: other systems that are told of events (`docs/programs.md`, "Webhooks")."""
