"""What would fix a static error, and what was probably meant (`docs/check.md`, "Static findings")."""
