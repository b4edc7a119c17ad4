"""Options computed from registers and expressions, and the answers among them."""
