"""Reports: one statement for each table, run by a job; pages, charts and CSV show what they found."""
