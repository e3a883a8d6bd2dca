"""Companies and their people: accounts, roles, invitations, impersonation and the audit log."""
