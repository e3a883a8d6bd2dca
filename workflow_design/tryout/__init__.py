"""The try-out: a workflow played in memory, without a trace in the database."""
