"""The desk's lists as CSV files: in a request, or by a job if they are long."""
