"""Scenarios of a draft: kept, renamed, deleted."""
