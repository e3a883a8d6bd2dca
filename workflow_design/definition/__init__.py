"""What a workflow definition is: its file, fields, schema, values and layouts. Pure."""
