"""Measurements: `python3 dev.py bench submit`, `… lists`, `… check`. See README.md here."""
