"""The baseline of the benchmark: bare Django views that insert the rows of a submission."""
