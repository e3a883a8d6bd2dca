"""Who is told of what happens in tickets, and how."""
