"""The actions and pages of submitters and task workers."""
