"""Review and approval of submitted acts."""
