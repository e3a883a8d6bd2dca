"""Editor of the fields of a draft: their settings, names, uses, and pages."""
