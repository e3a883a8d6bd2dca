"""Requests to addresses that companies name: public ones only, bounded, signed."""
