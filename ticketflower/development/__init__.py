"""TicketFlower on a developer's machine: what `dev.py` hands over to once .venv is there.

Nothing in here is used by a site in production (docs/operations.md says what that runs).
"""
