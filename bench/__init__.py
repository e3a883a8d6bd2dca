"""Measurements of the running product: `python3 dev.py bench submit`. See README.md here."""
