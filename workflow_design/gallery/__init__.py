"""The gallery: workflows that are ready to use."""
