"""Forms for any workspace fields, and read-only views of their data."""
