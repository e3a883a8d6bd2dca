"""The demo's company: its workflows, two months of history, and the tickets of today."""
