"""Editor of drafts: their fields, tickets, tasks, completions, conditions and layouts.

Every change is first applied to the workflow file that the draft would become, which is checked
like an imported file (`refusals`). Only then is it written to the rows, which keep their ids and
URLs. All changes use `drafts.edit_draft`, which locks the draft and rejects edits of an outdated
edition.
"""
