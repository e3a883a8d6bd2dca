"""What the product is measured against: bare Django views that insert the rows of a submission."""
