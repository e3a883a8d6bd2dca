"""Requests to addresses that companies name (docs/security.md, "Calls to other systems")."""
