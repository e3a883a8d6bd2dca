"""The data model of a workflow definition: file format, fields, schema, values and layouts. Pure."""
