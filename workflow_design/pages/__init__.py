"""The pages for reading definitions, and what all pages about definitions share."""
