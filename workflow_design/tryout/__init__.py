"""The try-out: a workflow played in memory, without storing anything."""
