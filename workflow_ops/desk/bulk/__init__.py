"""Bulk actions: one operation on many tickets, tasks or errors, confirmed once and performed by a job."""
