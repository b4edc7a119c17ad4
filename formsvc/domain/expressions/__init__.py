"""The expression language of definitions."""
