"""Connections: the pages and functions of company admins, tests of connections, and their pausing."""
