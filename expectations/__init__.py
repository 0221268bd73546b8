"""The audits at the gates and the promotion of audited marts."""
