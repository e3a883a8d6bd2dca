"""The search: what is found of a ticket, kept up to date, and the page of results."""
