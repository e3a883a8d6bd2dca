"""Rules, decisions and people in plain text. Pure."""
