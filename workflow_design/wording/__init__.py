"""Rules, decisions and people as sentences. Pure."""
