"""Tests of the site in separate processes, with a proxy on its database connection."""
