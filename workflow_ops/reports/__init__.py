"""Reports: one statement for each table, run by a job, and pages, charts and CSV files of the results."""
