"""Tickets, tasks and running workflows: what people do, and its effects."""
