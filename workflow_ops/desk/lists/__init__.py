"""The lists of tickets, tasks and errors that ticket admins work from."""
