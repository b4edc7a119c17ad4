"""Processes that render documents apart from the server."""
