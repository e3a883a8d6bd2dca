"""Bulk actions: one operation on many tickets, tasks or errors, asked for once and done by a job."""
