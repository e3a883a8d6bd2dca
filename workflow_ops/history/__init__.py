"""The history of tickets: timeline, current state, and replays of past tickets."""
