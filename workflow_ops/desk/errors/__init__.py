"""Errors of tickets: their pages, remedies and retries."""
