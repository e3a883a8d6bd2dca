"""Editing the data of a ticket: the form, what would follow, saving."""
