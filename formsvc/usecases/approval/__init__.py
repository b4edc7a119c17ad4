"""Review and approval."""
