"""The tickets, tasks and completions of a draft, and the pages that change them."""
