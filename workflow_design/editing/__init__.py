"""Drafts are changed: the workflow itself, its fields, its tickets, tasks and completions.

A change is worked out on the workflow file that the draft would be, so that it is held against the
same check as a file that comes in (`refusals`), and then written into the rows of the draft, which
keep their addresses. Pure: `field_names`, `field_uses`, `field_settings`, `layout_fitting`, `refusals`.
What changes rows: `workflows`, `fields`, `parts`, `whole`, all by way of `drafts.changing`.
"""
