"""The development commands to which `dev.py` delegates once .venv exists.

A production site uses none of this (docs/operations.md describes what it runs).
"""
