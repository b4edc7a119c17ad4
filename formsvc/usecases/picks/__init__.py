"""Rows of registers that fill in forms, and parties kept in registers."""
