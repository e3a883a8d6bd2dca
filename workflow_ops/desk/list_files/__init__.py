"""The desk's lists as CSV files, created in a request or, if they are long, by a job."""
