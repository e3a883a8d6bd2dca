"""The editor of a transform: what an action sends, and what becomes of its answer."""
