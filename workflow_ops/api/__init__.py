"""The REST API: what a person can do on pages, for programs with a token (`docs/programs.md`)."""
