"""Webhooks, which announce events to other systems (`docs/programs.md`, "Webhooks")."""
