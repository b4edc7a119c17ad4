"""Backup archives and JSON export."""
