"""Drafts from the first answer to the submission."""
