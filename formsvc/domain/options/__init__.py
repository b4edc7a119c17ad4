"""Options computed from registers and expressions, and answers."""
