"""Editor of the tickets, tasks and completions of a draft."""
