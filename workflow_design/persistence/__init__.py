"""Conversion between workflow files and rows; stored plans and reports of each version."""
