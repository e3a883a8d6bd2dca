"""Benchmarks: `python3 dev.py bench submit`, `… lists`, `… check` (README.md in this folder)."""
