"""Calls of other systems, for ticket admins: waiting, failing and slow ones, and the details of each."""
