"""Decisions read from their files: official wording of known plans, drafts of new ones (see `importing`)."""
