"""Publishing, archiving and new versions."""
