"""Tests of comments, mentions and following."""
