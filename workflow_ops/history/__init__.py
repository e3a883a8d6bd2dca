"""What happened to a ticket: timeline, standing, and replays of past tickets."""
