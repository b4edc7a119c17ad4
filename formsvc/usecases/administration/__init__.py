"""Accounts, settings, records, tokens and retention."""
