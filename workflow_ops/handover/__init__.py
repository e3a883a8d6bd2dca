"""What happens to open tasks when people leave, lose a role or are away: asking, and handing them on."""
