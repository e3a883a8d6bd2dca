"""Subjects of tickets: a text with fields in braces, such as "{summary}, {day}"."""

from typing import Final

MAX_SUBJECT_LENGTH: Final = 120
MAX_SUBJECT_TEMPLATE: Final = 400
