"""The search: search documents of tickets, and the page of results."""
