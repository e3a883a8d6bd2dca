"""The form of any fields, and their view for reading."""
