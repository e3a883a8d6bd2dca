"""The project: settings, addresses, tenancy and the small things that all apps share."""
