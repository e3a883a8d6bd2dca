"""Notifications: who is notified of events in tickets, and how."""
