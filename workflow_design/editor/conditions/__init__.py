"""Editor of conditions as rows "field, comparison, value", joined by all or any."""
