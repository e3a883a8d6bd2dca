"""Tests of the site as processes of its own, with a tap on its line to the database."""
