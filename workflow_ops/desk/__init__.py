"""The pages, lists and actions of ticket admins."""
