"""Calls of other systems, for ticket admins: what waits, fails and is slow, and each call."""
