"""The two walls between companies: a scope in the program, row-level security in the database."""
