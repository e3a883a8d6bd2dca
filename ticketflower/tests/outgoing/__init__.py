"""Tests of requests to other systems, against receivers on loopback."""
