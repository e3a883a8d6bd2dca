"""The two walls between companies: scopes in Python and row-level security in the database."""
