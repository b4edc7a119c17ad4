"""Drafts: opening, prefilling, saving, submitting."""
