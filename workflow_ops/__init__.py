"""Tickets, tasks and workflows that run: what people do, and what follows from it."""
