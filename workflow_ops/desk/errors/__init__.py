"""Errors of tickets: their pages, what removes a cause, retries."""
