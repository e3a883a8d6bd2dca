"""The MCP server: the operations of the API as tools for models (`docs/programs.md`, "MCP").

A process of its own imports this, never the site (docs/architecture.md, "What is loaded by whom").
"""
