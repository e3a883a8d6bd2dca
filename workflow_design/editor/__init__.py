"""How a draft is changed: its fields, tickets, tasks, completions, conditions and layouts.

Every change is first applied to the workflow file that the draft would become, and checked as an
imported file is (`refusals`). Only then is it written to the rows, which keep their ids and addresses.
All changes go through `drafts.changing`, which locks the draft and refuses an outdated edition.
"""
