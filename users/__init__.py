"""Companies and their people: accounts, roles, invitations, impersonation, audit."""
