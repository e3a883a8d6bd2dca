"""Handing on the open tasks of people who leave, lose a role or are away: the questions and the actions."""
