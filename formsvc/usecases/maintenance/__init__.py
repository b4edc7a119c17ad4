"""Backups and integrity checks."""
