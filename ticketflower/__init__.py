"""The project package: settings, URLs, tenancy, and utilities that all apps share."""
