"""Handlers of the API operations, one module per resource."""
