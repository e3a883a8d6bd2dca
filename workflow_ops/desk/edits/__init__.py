"""Editing the data of a ticket: the form, the preview of its consequences, and saving."""
