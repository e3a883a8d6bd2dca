"""Tests of `workflow_ops/actions/`."""
