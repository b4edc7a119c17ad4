"""Accounts, settings, tokens and upkeep of the office."""
