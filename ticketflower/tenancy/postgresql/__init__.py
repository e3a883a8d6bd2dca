"""Django's PostgreSQL backend with the second wall built in."""
