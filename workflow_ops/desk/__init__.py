"""The desk of ticket admins: tools, lists and pages."""
